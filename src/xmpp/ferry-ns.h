/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every XML namespace Ferry knows, once. */
#pragma once

#define FERRY_NS_CLIENT "jabber:client"
#define FERRY_NS_STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"
#define FERRY_NS_STREAMS "http://etherx.jabber.org/streams"
#define FERRY_NS_STARTTLS "urn:ietf:params:xml:ns:xmpp-tls"
#define FERRY_NS_SM "urn:xmpp:sm:3"
#define FERRY_NS_ROSTER "jabber:iq:roster"
#define FERRY_NS_PING "urn:xmpp:ping"
#define FERRY_NS_DISCO_INFO "http://jabber.org/protocol/disco#info"
#define FERRY_NS_DISCO_ITEMS "http://jabber.org/protocol/disco#items"
#define FERRY_NS_CAPS "http://jabber.org/protocol/caps"
#define FERRY_NS_DATA_FORMS "jabber:x:data"
#define FERRY_NS_MUC_USER "http://jabber.org/protocol/muc#user"
#define FERRY_NS_BYTESTREAMS "http://jabber.org/protocol/bytestreams"
/* Fast mode of Psi and Coccinella: <fast/>, and the <proxy/> mark of a streamhost. */
#define FERRY_NS_S5B_FAST "http://affinix.com/jabber/stream"
#define FERRY_NS_IBB "http://jabber.org/protocol/ibb"
#define FERRY_NS_SI "http://jabber.org/protocol/si"
#define FERRY_NS_SI_FILE "http://jabber.org/protocol/si/profile/file-transfer"
#define FERRY_NS_SI_MULTIPLE "http://telepathy.freedesktop.org/xmpp/si-multiple"
#define FERRY_NS_SIPUB "http://jabber.org/protocol/sipub"
#define FERRY_NS_SIPUB_COCCINELLA "http://jabber.org/protocol/si-pub"
#define FERRY_NS_PUBSUB_EVENT "http://jabber.org/protocol/pubsub#event"
#define FERRY_NS_FEATURE_NEG "http://jabber.org/protocol/feature-neg"
#define FERRY_NS_JINGLE "urn:xmpp:jingle:1"
#define FERRY_NS_JINGLE_ERRORS "urn:xmpp:jingle:errors:1"
#define FERRY_NS_JINGLE_FILE "urn:xmpp:jingle:apps:file-transfer:5"
#define FERRY_NS_JINGLE_FILE_4 "urn:xmpp:jingle:apps:file-transfer:4"
#define FERRY_NS_JINGLE_FILE_ERRORS "urn:xmpp:jingle:apps:file-transfer:errors:0"
#define FERRY_NS_JINGLE_S5B "urn:xmpp:jingle:transports:s5b:1"
#define FERRY_NS_JINGLE_IBB "urn:xmpp:jingle:transports:ibb:1"
/* Ferry's own: who announces it goes on with broken files, whoever of the two asks for it, and
 * says that a session ends for a pause. */
#define FERRY_NS_FILES "urn:ferry:files:0"
/* Our own: a folder with all that is in it, as one stream (base/ferry-tree.h). */
#define FERRY_NS_FOLDER "urn:ferry:folder:0"
/* Our own: TLS inside the bytestream. */
#define FERRY_NS_TLS "urn:ferry:tls:0"
#define FERRY_NS_HASHES "urn:xmpp:hashes:2"
#define FERRY_NS_HASH_NAME_PREFIX "urn:xmpp:hash-function-text-names:"
