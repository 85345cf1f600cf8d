/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drives a real Psi or Psi+, which have no remote control: preloaded into one, this does to its
 * windows what a user would. It drops files on a contact, accepts or rejects what is offered,
 * and answers the questions it is asked.
 *
 * Environment: DRIVER_INBOX. Standard input: "send JID PATH", "decline" (the next offer),
 * "cancel" (what runs). Standard output: {"event": …} a line. */
#include <QtWidgets>

#include <cstdio>
#include <unistd.h>

namespace
{

constexpr int POLL_MS = 50;

/* Of Psi's ContactListModel. */
constexpr int JID_ROLE = Qt::UserRole + 3;
constexpr int STATUS_ROLE = Qt::UserRole + 6;
constexpr int STATUS_OFFLINE = 0;

/* @more: its names stand after "event" in the alphabet, the tests know our lines by that */
void
tell (const char *event, QJsonObject more = {})
{
  more["event"] = event;
  puts (QJsonDocument (more).toJson (QJsonDocument::Compact).constData ());
  fflush (stdout);
}

class Driver : public QObject
{
public:
  Driver ()
  {
    startTimer (POLL_MS);
    auto *input = new QSocketNotifier (STDIN_FILENO, QSocketNotifier::Read, this);
    connect (input, &QSocketNotifier::activated, this, &Driver::read_commands);
  }

private:
  void
  timerEvent (QTimerEvent *) override
  {
    if (!is_ready && find_roster () != nullptr)
      {
        is_ready = true;
        tell ("ready");
      }
    try_to_send ();
    for (QWidget *window : QApplication::topLevelWidgets ())
      if (window->isVisible () && !window->property ("driverSeen").toBool ())
        answer (window);
    look_for_started ();
    look_for_received ();
  }

  /* --- Commands ------------------------------------------------------------------------------
   */

  void
  read_commands ()
  {
    char bytes[4096];
    ssize_t n = read (STDIN_FILENO, bytes, sizeof bytes);
    if (n <= 0)
      _exit (0);
    unread.append (bytes, int (n));
    for (int end; (end = unread.indexOf ('\n')) >= 0; unread.remove (0, end + 1))
      take_command (QString::fromUtf8 (unread.left (end)));
  }

  void
  take_command (const QString &line)
  {
    QString verb = line.section (' ', 0, 0);
    if (verb == "send")
      to_send.append (line.section (' ', 1));
    else if (verb == "decline" || verb == "accept")
      is_declining = verb == "decline";
    else if (verb == "cancel")
      is_cancelling = true;
  }

  /* --- Sending -------------------------------------------------------------------------------
   */

  /* The roster, once the account's contacts are in it. The main window has a second, empty view
   * for what is searched. */
  static QAbstractItemView *
  find_roster ()
  {
    for (QWidget *widget : QApplication::allWidgets ())
      {
        auto *view = qobject_cast<QAbstractItemView *> (widget);
        if (view != nullptr && view->inherits ("ContactListView") && view->isVisible () &&
            view->model ()->rowCount () > 0 &&
            view->model ()->rowCount (view->model ()->index (0, 0)) > 0)
          return view;
      }
    return nullptr;
  }

  static QModelIndex
  find_online (QAbstractItemModel *model, const QModelIndex &parent, const QString &jid)
  {
    for (int row = 0; row < model->rowCount (parent); row++)
      {
        QModelIndex index = model->index (row, 0, parent);
        if (parent.isValid () && index.data (JID_ROLE).toString () == jid &&
            index.data (STATUS_ROLE).toInt () != STATUS_OFFLINE)
          return index;
        QModelIndex below = find_online (model, index, jid);
        if (below.isValid ())
          return below;
      }
    return {};
  }

  template <typename Event>
  static void
  drag (QAbstractItemView *view, const QPoint &at, const QMimeData &data)
  {
    Event event (at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent (view->viewport (), &event);
  }

  void
  try_to_send ()
  {
    QAbstractItemView *roster = find_roster ();
    if (to_send.isEmpty () || roster == nullptr)
      return;
    QString jid = to_send.first ().section (' ', 0, 0);
    QModelIndex contact = find_online (roster->model (), {}, jid);
    if (!contact.isValid ())
      return;

    QMimeData data;
    data.setUrls ({ QUrl::fromLocalFile (to_send.takeFirst ().section (' ', 1)) });
    forget_finished ();
    roster->scrollTo (contact);
    QPoint at = roster->visualRect (contact).center ();
    drag<QDragEnterEvent> (roster, at, data);
    drag<QDragMoveEvent> (roster, at, data);
    drag<QDropEvent> (roster, at, data);
  }

  /* --- The list of transfers -----------------------------------------------------------------
   */

  static QWidget *
  find_transfers ()
  {
    for (QWidget *window : QApplication::topLevelWidgets ())
      if (window->inherits ("FileTransDlg"))
        return window;
    return nullptr;
  }

  /* So that the next transfer has the first number. */
  void
  forget_finished ()
  {
    if (QWidget *transfers = find_transfers ())
      QMetaObject::invokeMethod (transfers, "clearFinished");
    has_started = false;
  }

  /* In the list is what has a connection. */
  void
  look_for_started ()
  {
    QWidget *transfers = find_transfers ();
    if (transfers == nullptr || transfers->findChild<QListWidget *> ()->count () == 0)
      return;
    if (!has_started)
      tell ("started");
    has_started = true;
    if (is_cancelling)
      QMetaObject::invokeMethod (transfers, "itemCancel", Q_ARG (int, 0));
    is_cancelling = false;
  }

  /* --- Windows -------------------------------------------------------------------------------
   */

  /* Not from here: some buttons open a dialog and return when it is closed. */
  static void
  click (QAbstractButton *button)
  {
    if (button != nullptr)
      QTimer::singleShot (0, button, [button] { button->click (); });
  }

  void
  answer (QWidget *window)
  {
    window->setProperty ("driverSeen", true);
    if (auto *box = qobject_cast<QMessageBox *> (window))
      {
        tell ("failed", { { "text", box->text ().simplified () } });
        click (box->buttons ().value (0));
      }
    else if (auto *dialog = qobject_cast<QFileDialog *> (window))
      save_as (dialog);
    else if (window->inherits ("FileRequestDlg"))
      answer_offer (window);
  }

  void
  answer_offer (QWidget *window)
  {
    auto *start = window->findChild<QPushButton *> ("pb_start");
    auto *stop = window->findChild<QPushButton *> ("pb_stop");
    if (!start->isEnabled () || !start->text ().remove ('&').startsWith ("Accept"))
      return;
    name = window->findChild<QLineEdit *> ("le_fname")->text ();
    tell ("offer", { { "name", name } });
    forget_finished ();
    click (is_declining ? stop : start);
  }

  void
  save_as (QFileDialog *dialog)
  {
    QString path = qEnvironmentVariable ("DRIVER_INBOX") + "/" + name;
    dialog->selectFile (path);
    awaited.append (path);
    QTimer::singleShot (0, dialog, [dialog] { QMetaObject::invokeMethod (dialog, "accept"); });
  }

  /* Psi writes to another name until it has everything. */
  void
  look_for_received ()
  {
    for (int i = awaited.size () - 1; i >= 0; i--)
      if (QFile::exists (awaited[i]))
        tell ("received", { { "path", awaited.takeAt (i) } });
  }

  bool is_ready = false;
  bool is_declining = false;
  bool has_started = false;
  bool is_cancelling = false;
  QByteArray unread;
  QStringList to_send; /* "JID PATH" */
  QString name;        /* of the file accepted last */
  QStringList awaited; /* paths */
};

void
start ()
{
  QTimer::singleShot (0, [] {
    if (qApp->inherits ("QApplication"))
      new Driver;
  });
}

} // namespace

Q_COREAPP_STARTUP_FUNCTION (start)
