# SPDX-License-Identifier: GPL-3.0-or-later
# Drives a real Coccinella without a human: the program itself sources this file, by way of its
# ~/.coccinella/resources/config.tcl, when all of its code is loaded.
#
# Standard input: "send JID PATH"; "decline", all offers from now on; "accept" them; "cancel", what
# runs; "hide", from now on nobody can reach it. Standard output: {"event": …} a line. Files arrive in $DRIVER_FOLDER.

namespace eval ::Driver {
    variable declines 0
    variable running ""
}

# Its first disco answers are not in when it calls itself logged in.
set ::Driver::settle_ms 1500

proc ::Driver::tell {event args} {
    set line "{\"event\": \"$event\""
    foreach {name value} $args {
        append line ", \"$name\": \"[string map {\\ \\\\ \" \\\" \n \\n \t \\t} $value]\""
    }
    puts stdout "$line}"
    flush stdout
}

proc ::bgerror {message} {
    puts stderr $::errorInfo
}

# Whoever starts it for the first time is led through a set-up; nobody is here to answer.
set ::prefs(firstLaunch) 0
set ::config(login,dnssrv) 0
set ::config(login,dnstxthttp) 0

catch {package require ui::dialog}
proc ::ui::dialog {args} {
    puts stderr $args
}
proc ::UI::MessageBox {args} {
    puts stderr $args
    return ok
}

# --- Signing in -----------------------------------------------------------------------------------

proc ::Driver::signed_in {} {
    # Any free port: there may be a second Coccinella.
    set ::jprefs(bytestreams,port) 0
    after $::Driver::settle_ms {::Driver::tell ready}
}
::hooks::register loginHook ::Driver::signed_in 90

# --- Receiving: in place of the dialogs -----------------------------------------------------------

proc ::FTrans::SetHandler {jlibname jid name size answer args} {
    ::Driver::tell offered from $jid name $name size $size
    if {$::Driver::declines} {
        eval [linsert $answer end no]
        return
    }
    BytestreamsConfigure
    set path [file join $::env(DRIVER_FOLDER) [file tail $name]]
    eval [linsert $answer end yes -channel [open $path w] -progress ::Driver::progressed \
        -command [list ::Driver::received $path]]
}

proc ::Driver::progressed {jlibname sid total bytes} {
    start [list jlib::ftrans::treset $jlibname $sid]
}

proc ::Driver::received {path jlibname sid status {reason ""}} {
    set ::Driver::running ""
    if {$status eq "ok"} {
        tell received path $path
    } else {
        tell failed reason "$status $reason"
    }
}

# Its progress is reported time and again; the first time matters. @stop: how it is cancelled.
proc ::Driver::start {stop} {
    if {$::Driver::running eq ""} {
        tell started
    }
    set ::Driver::running $stop
}

# --- Sending: what the button does, after the same question ----------------------------------------

proc ::Driver::send {jid path} {
    ::Jabber::Jlib disco get_async info $jid [list ::Driver::send_known $path]
}

proc ::Driver::send_known {path jlibname type jid subiq} {
    ::FTrans::DoSend . $jid $path ""
}

proc ::FTrans::SendCommand {jlibname status sid {subiq ""}} {
    set ::Driver::running ""
    if {$status eq "ok"} {
        ::Driver::tell sent
    } else {
        ::Driver::tell failed reason "$status $subiq"
    }
}

# Where it listens, but at another port than it tells.
proc ::Driver::hide {} {
    set jlibname [::Jabber::GetJlib]
    upvar #0 ::[string trimleft $jlibname :]::bytestreams::static static
    if {![info exists static(sock)]} {
        jlib::bytestreams::s5i_server $jlibname
    }
    set static(port) 9
    tell hidden
}

# --- Commands -------------------------------------------------------------------------------------

proc ::Driver::read_command {} {
    if {[gets stdin line] < 0} {
        if {[eof stdin]} {
            exit
        }
        return
    }
    switch -- [lindex [split $line] 0] {
        send {
            regexp {^send (\S+) (.*)$} $line all jid path
            send $jid $path
        }
        decline { set ::Driver::declines 1 }
        accept { set ::Driver::declines 0 }
        hide { hide }
        cancel {
            set stop $::Driver::running
            if {$stop eq ""} {
                set stop [list jlib::ftrans::iresetall ::[string trimleft [::Jabber::GetJlib] :]]
            }
            uplevel #0 $stop
        }
    }
}

foreach channel {stdin stdout stderr} {
    fconfigure $channel -encoding utf-8
}
fconfigure stdin -blocking 0
fileevent stdin readable ::Driver::read_command
