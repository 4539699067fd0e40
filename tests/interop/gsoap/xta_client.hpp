// XTA 2.1.1 with gSOAP: what a Fachverfahren sees of it.

#ifndef XTA_CLIENT_HPP
#define XTA_CLIENT_HPP

#include <stdexcept>
#include <string>
#include <vector>

#include "soapH.h"

namespace xta {

/// Addresses of the three ports, client certificate with its key (PEM), and the CA of the server.
struct Access {
    std::string management;
    std::string send;
    std::string mailbox;
    std::string certificate;
    std::string ca;
    bool isMtom = false;
};

/// A party: OSCI PartyIdentifier.
struct Party {
    std::string value;
    std::string type;
    std::string name;
    std::string category;
};

/// A part of the container: bytes with their description.
struct Part {
    std::string content;
    std::string contentType;
    std::string filename;
};

/// What a message says about itself.
struct Qualifier {
    std::string service;
    std::string messageType;
    std::string listUri;
    std::string listVersion;
    std::string payloadSchema;
};

/// A message to send; a `notBefore` of 0 means at once.
struct OutgoingMessage {
    std::string messageId;
    Party reader;
    Qualifier qualifier;
    std::vector<Part> parts;
    time_t notBefore = 0;
};

/// A fetched message; the first part is the message, the others are attachments. Where there was
/// none, messageId is empty.
struct IncomingMessage {
    std::string messageId;
    std::string iterator;
    std::vector<Part> parts;
};

/// MessageIDs of a part of the mailbox.
struct StatusList {
    std::vector<std::string> messageIds;
    std::string iterator;
};

/// A TransportReport: status 0 open, 1 green, 2 yellow, 3 red, and the codes of its entries.
struct Report {
    int status = 0;
    std::vector<std::string> codes;
};

/// An exception of XTA, or (without a name) what gSOAP says about a failed call.
struct Fault : std::runtime_error {
    Fault(const std::string& exceptionName, const std::string& errorCode, const std::string& text)
        : std::runtime_error(text), exception(exceptionName), code(errorCode)
    {
    }

    std::string exception;
    std::string code;
};

/// Speaks for one Mandant. Each function throws Fault where the server refuses.
class Client {
public:
    Client(const Access& access, const Party& party);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void checkAccountActive();
    bool isReachable(const Party& reader, const std::string& service);
    std::string createMessageId();
    Report getTransportReport(const std::string& messageId);
    void cancelMessage(const std::string& messageId);

    void sendMessage(const OutgoingMessage& message);

    StatusList getStatusList(const std::vector<std::string>& messageIds, int maxItems);
    StatusList getNextStatusList(const std::string& iterator);
    IncomingMessage getMessage(const std::vector<std::string>& messageIds);
    IncomingMessage getNextMessage(const std::string& iterator, const std::string& lastReceived);
    void close(const std::string& iterator, const std::string& lastReceived);

private:
    template <typename Call>
    void ask(const std::string& url, const char* action, Call call);
    template <typename Call>
    void exchange(const std::string& url, const char* action, Call call);

    char* copy(const std::string& text);
    std::string* copyOptional(const std::string& text);
    meta__PartyType* describe(const Party& party);
    _meta__MessageMetaData* describe(const OutgoingMessage& message);
    meta__QualifierType* describe(const Qualifier& qualifier);
    xta__ContentType* describe(const Part& part);
    _osci__MsgSelector* select(const std::vector<std::string>& messageIds);
    osci__MsgBoxGetNextRequestType* goOn(const std::string& iterator, const std::string& received);
    StatusList readList(const osci__MsgStatusListType& list);
    IncomingMessage readMessage(const _xta__GenericContentContainer& container);
    [[noreturn]] void throwFault();

    Access access;
    Party party;
    soap* context;
};

}  // namespace xta

#endif
