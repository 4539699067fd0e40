#include "xta_client.hpp"

#include <utility>

#include "sendXTAHttpsBinding.nsmap"
#include "wsaapi.h"

namespace xta {
namespace {

constexpr int CONNECT_SECONDS = 10;
constexpr int TRANSFER_SECONDS = 60;

constexpr char CHECK_ACCOUNT_ACTIVE[] = "http://www.xta.de/XTA/CheckAccountActive";
constexpr char LOOKUP_SERVICE[] = "http://www.xta.de/XTA/IsServiceAvailable";
constexpr char CREATE_MESSAGE_ID[] = "http://www.xta.de/XTA/CreateMessageID";
constexpr char GET_TRANSPORT_REPORT[] = "http://www.xta.de/XTA/GetTransportReport";
constexpr char CANCEL_MESSAGE[] = "http://www.xta.de/XTA/CancelMessage";
constexpr char SEND_MESSAGE[] = "http://www.xta.de/XTA/SendMessage";
constexpr char GET_STATUS_LIST[] =
    "http://www.osci.eu/ws/2008/05/transport/urn/messageTypes/MsgBoxStatusListRequest";
constexpr char GET_NEXT_STATUS_LIST[] =
    "http://www.osci.eu/ws/2008/05/transport/urn/messageTypes/MsgBoxGetNextListRequest";
constexpr char GET_MESSAGE[] =
    "http://www.osci.eu/ws/2008/05/transport/urn/messageTypes/MsgBoxFetchRequest";
constexpr char GET_NEXT_MESSAGE[] =
    "http://www.osci.eu/ws/2008/05/transport/urn/messageTypes/MsgBoxGetNextMsgRequest";
constexpr char CLOSE[] =
    "http://www.osci.eu/ws/2008/05/transport/urn/messageTypes/MsgBoxCloseRequest";

/// Frees what a call has made of gSOAP's objects, when the call is over.
class Scope {
public:
    explicit Scope(soap* used) : context(used) {}
    ~Scope()
    {
        soap_destroy(context);
        soap_end(context);
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

private:
    soap* context;
};

template <typename List, typename Member>
void appendCodes(std::vector<std::string>& codes, const List* list, Member entries)
{
    if (list == nullptr)
        return;
    for (const xta__RecordType* entry : list->*entries)
        codes.push_back(entry->Code->code);
}

Part readPart(const xta__ContentType& content)
{
    const auto* bytes = reinterpret_cast<const char*>(content.__item.__ptr);
    const auto size = static_cast<size_t>(content.__item.__size);
    return {std::string(bytes, size), content.contentType,
            content.filename == nullptr ? "" : *content.filename};
}

}  // namespace

Client::Client(const Access& givenAccess, const Party& givenParty)
    : access(givenAccess), party(givenParty), context(nullptr)
{
    // Strict: what the contract requires is there, or the call has failed.
    const int mode = SOAP_C_UTFSTRING | SOAP_IO_KEEPALIVE;
    const int mtom = givenAccess.isMtom ? SOAP_ENC_MTOM : 0;
    context = soap_new2(mode | SOAP_XML_STRICT, mode | mtom);
    context->connect_timeout = CONNECT_SECONDS;
    context->send_timeout = context->recv_timeout = TRANSFER_SECONDS;
    soap_register_plugin(context, soap_wsa);
    if (soap_ssl_client_context(context, SOAP_SSL_DEFAULT, access.certificate.c_str(), nullptr,
                                access.ca.c_str(), nullptr, nullptr) != SOAP_OK)
        throwFault();
}

Client::~Client()
{
    soap_destroy(context);
    soap_end(context);
    soap_free(context);
}

void Client::checkAccountActive()
{
    Scope scope(context);
    __xta__checkAccountActiveResponse nothing;
    ask(access.management, CHECK_ACCOUNT_ACTIVE, [&](const char* url, const char* action) {
        return soap_call___xta__checkAccountActive(context, url, action, nothing);
    });
}

bool Client::isReachable(const Party& reader, const std::string& service)
{
    Scope scope(context);
    auto* question = soap_new_xta__LookupServiceType(context);
    question->meta__Reader = describe(reader);
    question->ServiceType = service;
    auto* request = soap_new__xta__LookupServiceRequest(context);
    request->LookupServiceRequestList.emplace_back();
    request->LookupServiceRequestList.back().LookupService = question;
    _xta__LookupServiceResponse response;
    ask(access.management, LOOKUP_SERVICE, [&](const char* url, const char* action) {
        return soap_call___xta__lookupService(context, url, action, request, response);
    });
    const auto* value =
        response.LookupServiceResultList.LookupServiceResult.at(0)->IsServiceAvailableValue;
    return value->__union_IsServiceAvailableValueType ==
               SOAP_UNION__xta__union_IsServiceAvailableValueType_ServiceIsAvailable &&
           value->union_IsServiceAvailableValueType.ServiceIsAvailable;
}

std::string Client::createMessageId()
{
    Scope scope(context);
    char* messageId = nullptr;
    ask(access.management, CREATE_MESSAGE_ID, [&](const char* url, const char* action) {
        return soap_call___xta__createMessageId(context, url, action, &messageId);
    });
    return messageId;
}

Report Client::getTransportReport(const std::string& messageId)
{
    Scope scope(context);
    char* id = copy(messageId);
    _xta__TransportReport report;
    ask(access.management, GET_TRANSPORT_REPORT, [&](const char* url, const char* action) {
        return soap_call___xta__getTransportReport(context, url, action, &id, report);
    });
    const auto& status = *report.MessageStatus;
    Report result{std::stoi(status.Status), {}};
    appendCodes(result.codes, status.ErrorList,
                &_xta__MessageStatusType_ErrorList::Error);
    appendCodes(result.codes, status.WarnList,
                &_xta__MessageStatusType_WarnList::Warning);
    appendCodes(result.codes, status.InfoList,
                &_xta__MessageStatusType_InfoList::Info);
    return result;
}

void Client::cancelMessage(const std::string& messageId)
{
    Scope scope(context);
    char* id = copy(messageId);
    __xta__cancelMessageResponse nothing;
    ask(access.management, CANCEL_MESSAGE, [&](const char* url, const char* action) {
        return soap_call___xta__cancelMessage(context, url, action, &id, nothing);
    });
}

void Client::sendMessage(const OutgoingMessage& message)
{
    Scope scope(context);
    auto* content = soap_new__xta__GenericContentContainer_ContentContainer(context);
    for (const Part& part : message.parts) {
        if (content->Message == nullptr)
            content->Message = describe(part);
        else
            content->Attachment.push_back(describe(part));
    }
    auto* container = soap_new__xta__GenericContentContainer(context);
    container->__union_GenericContentContainer =
        SOAP_UNION__xta__union_GenericContentContainer_ContentContainer;
    container->union_GenericContentContainer.ContentContainer = content;
    __xta__sendMessageResponse nothing;
    context->header = soap_new_SOAP_ENV__Header(context);
    context->header->meta__MessageMetaData = describe(message);
    exchange(access.send, SEND_MESSAGE, [&](const char* url, const char* action) {
        return soap_call___xta__sendMessage(context, url, action, container, nothing);
    });
}

StatusList Client::getStatusList(const std::vector<std::string>& messageIds, int maxItems)
{
    Scope scope(context);
    auto* request = soap_new_osci__MsgBoxStatusListRequestType(context);
    request->MsgSelector = select(messageIds);
    request->maxListItems = copyOptional(std::to_string(maxItems));
    request->ListForm = soap_new__osci__MsgBoxStatusListRequestType_ListForm(context);
    *request->ListForm = _osci__MsgBoxStatusListRequestType_ListForm::MessageMetaData;
    osci__MsgStatusListType list;
    ask(access.mailbox, GET_STATUS_LIST, [&](const char* url, const char* action) {
        return soap_call___xta__getStatusList(context, url, action, request, list);
    });
    return readList(list);
}

StatusList Client::getNextStatusList(const std::string& iterator)
{
    Scope scope(context);
    auto* request = goOn(iterator, "");
    osci__MsgStatusListType list;
    ask(access.mailbox, GET_NEXT_STATUS_LIST, [&](const char* url, const char* action) {
        return soap_call___xta__getNextStatusList(context, url, action, request, list);
    });
    return readList(list);
}

IncomingMessage Client::getMessage(const std::vector<std::string>& messageIds)
{
    Scope scope(context);
    auto* request = soap_new__osci__MsgBoxFetchRequest(context);
    request->MsgSelector = select(messageIds);
    _xta__GenericContentContainer container;
    ask(access.mailbox, GET_MESSAGE, [&](const char* url, const char* action) {
        return soap_call___xta__getMessage(context, url, action, request, container);
    });
    return readMessage(container);
}

IncomingMessage Client::getNextMessage(const std::string& iterator,
                                       const std::string& lastReceived)
{
    Scope scope(context);
    auto* request = goOn(iterator, lastReceived);
    _xta__GenericContentContainer container;
    ask(access.mailbox, GET_NEXT_MESSAGE, [&](const char* url, const char* action) {
        return soap_call___xta__getNextMessage(context, url, action, request, container);
    });
    return readMessage(container);
}

void Client::close(const std::string& iterator, const std::string& lastReceived)
{
    Scope scope(context);
    auto* sequence = soap_new___osci__MsgBoxCloseRequestType_sequence(context);
    sequence->LastMsgReceived.push_back(copy(lastReceived));
    auto* request = soap_new_osci__MsgBoxCloseRequestType(context);
    request->__MsgBoxCloseRequestType_sequence = sequence;
    request->MsgBoxRequestID = iterator;
    __xta__closeResponse nothing;
    ask(access.mailbox, CLOSE, [&](const char* url, const char* action) {
        return soap_call___xta__close(context, url, action, request, nothing);
    });
}

/// A call with the header Author, as all but sendMessage have it.
template <typename Call>
void Client::ask(const std::string& url, const char* action, Call call)
{
    context->header = soap_new_SOAP_ENV__Header(context);
    context->header->meta__Author = describe(party);
    exchange(url, action, call);
}

/// A call with WS-Addressing; the answer must belong to it.
template <typename Call>
void Client::exchange(const std::string& url, const char* action, Call call)
{
    if (access.isMtom)
        // A request without a content is no package, and says nothing of what we can read.
        context->http_extra_header = "Accept: multipart/related, application/soap+xml";
    const char* messageId = soap_wsa_rand_uuid(context);
    if (soap_wsa_request(context, messageId, url.c_str(), action) != SOAP_OK ||
        call(url.c_str(), action) != SOAP_OK)
        throwFault();
    const char* related = soap_wsa_RelatesTo(context);
    if (related == nullptr || std::string(related) != messageId)
        throw Fault("", "", "the answer belongs to another request");
}

char* Client::copy(const std::string& text)
{
    return soap_strdup(context, text.c_str());
}

std::string* Client::copyOptional(const std::string& text)
{
    if (text.empty())
        return nullptr;
    auto* result = soap_new_std__string(context);
    *result = text;
    return result;
}

meta__PartyType* Client::describe(const Party& described)
{
    auto* result = soap_new_meta__PartyType(context);
    result->Identifier = soap_new_meta__PartyIdentifierType(context);
    result->Identifier->__item = described.value;
    result->Identifier->type = described.type;
    result->Identifier->name = copyOptional(described.name);
    result->Identifier->category = copyOptional(described.category);
    return result;
}

_meta__MessageMetaData* Client::describe(const OutgoingMessage& message)
{
    auto* result = soap_new__meta__MessageMetaData(context);
    result->DeliveryAttributes = soap_new_meta__DeliveryAttributesType(context);
    if (message.notBefore != 0) {
        auto* notBefore = static_cast<time_t*>(soap_malloc(context, sizeof(time_t)));
        *notBefore = message.notBefore;
        result->DeliveryAttributes->NotBefore = notBefore;
    }
    result->Originators = soap_new_meta__OriginatorsType(context);
    result->Originators->Author = describe(party);
    result->Destinations = soap_new_meta__DestinationsType(context);
    result->Destinations->Reader = describe(message.reader);
    result->MsgIdentification = soap_new_meta__MsgIdentificationType(context);
    result->MsgIdentification->wsa5__MessageID = copy(message.messageId);
    result->Qualifier = describe(message.qualifier);
    return result;
}

meta__QualifierType* Client::describe(const Qualifier& qualifier)
{
    auto* result = soap_new_meta__QualifierType(context);
    result->Service = qualifier.service;
    auto& scenario = result->BusinessScenario;
    scenario.__union_QualifierType_BusinessScenario =
        SOAP_UNION__meta__union_QualifierType_BusinessScenario_Undefined;
    scenario.union_QualifierType_BusinessScenario.Undefined = copyOptional(qualifier.service);
    result->MessageType.code = qualifier.messageType;
    result->MessageType.listURI = qualifier.listUri;
    result->MessageType.listVersionID = qualifier.listVersion;
    result->MessageType.payloadSchema = qualifier.payloadSchema;
    return result;
}

xta__ContentType* Client::describe(const Part& part)
{
    auto* result = soap_new_xta__ContentType(context);
    // gSOAP only reads what it sends; the part outlives the call.
    result->__item.__ptr =
        reinterpret_cast<unsigned char*>(const_cast<char*>(part.content.data()));
    result->__item.__size = static_cast<int>(part.content.size());
    if (access.isMtom)
        // What has a type goes as a MIME part; gSOAP makes up its id.
        result->__item.type = copy(part.contentType);
    result->contentType = part.contentType;
    result->filename = copyOptional(part.filename);
    result->size = copyOptional(std::to_string(part.content.size()));
    return result;
}

_osci__MsgSelector* Client::select(const std::vector<std::string>& messageIds)
{
    auto* sequence = soap_new___osci__MsgSelector_sequence(context);
    for (const std::string& messageId : messageIds)
        sequence->wsa5__MessageID.push_back(copy(messageId));
    auto* selector = soap_new__osci__MsgSelector(context);
    selector->__MsgSelector_sequence = sequence;
    return selector;
}

osci__MsgBoxGetNextRequestType* Client::goOn(const std::string& iterator,
                                             const std::string& received)
{
    auto* request = soap_new_osci__MsgBoxGetNextRequestType(context);
    request->MsgBoxRequestID = iterator;
    if (!received.empty()) {
        auto* sequence = soap_new___osci__MsgBoxGetNextRequestType_sequence(context);
        sequence->LastMsgReceived.push_back(copy(received));
        request->__MsgBoxGetNextRequestType_sequence = sequence;
    }
    return request;
}

StatusList Client::readList(const osci__MsgStatusListType& list)
{
    StatusList result{{}, context->header->osci__MsgBoxResponse->MsgBoxRequestID};
    for (const _meta__MessageMetaData* metadata : list.meta__MessageMetaData)
        result.messageIds.emplace_back(metadata->MsgIdentification->wsa5__MessageID);
    return result;
}

IncomingMessage Client::readMessage(const _xta__GenericContentContainer& container)
{
    const SOAP_ENV__Header& header = *context->header;
    IncomingMessage result{"", header.osci__MsgBoxResponse->MsgBoxRequestID, {}};
    if (header.meta__MessageMetaData == nullptr)
        // The body is empty, and the header says NoMessageAvailable.
        return result;
    result.messageId = header.meta__MessageMetaData->MsgIdentification->wsa5__MessageID;
    if (container.__union_GenericContentContainer !=
        SOAP_UNION__xta__union_GenericContentContainer_ContentContainer)
        throw Fault("", "", "the content is encrypted");
    const auto* content = container.union_GenericContentContainer.ContentContainer;
    result.parts.push_back(readPart(*content->Message));
    for (const xta__ContentType* attachment : content->Attachment)
        result.parts.push_back(readPart(*attachment));
    return result;
}

/// The exception of XTA in the detail of the fault; without one, what gSOAP says.
void Client::throwFault()
{
    const SOAP_ENV__Detail* detail =
        context->fault == nullptr ? nullptr : context->fault->SOAP_ENV__Detail;
    if (detail != nullptr) {
        const std::pair<const char*, const xta__ExceptionType*> exceptions[] = {
            {"CancelDeniedException", detail->xta__CancelDeniedException},
            {"InvalidMessageIDException", detail->xta__InvalidMessageIDException},
            {"MessageSchemaViolationException", detail->xta__MessageSchemaViolationException},
            {"MessageVirusDetectionException", detail->xta__MessageVirusDetectionException},
            {"ParameterIsNotValidException", detail->xta__ParameterIsNotValidException},
            {"PermissionDeniedException", detail->xta__PermissionDeniedException},
            {"SyncAsyncException", detail->xta__SyncAsyncException},
            {"XTAWSTechnicalProblemException", detail->xta__XTAWSTechnicalProblemException},
        };
        for (const auto& [name, exception] : exceptions)
            if (exception != nullptr)
                throw Fault(name, exception->errorCode->code, soap_fault_string(context));
    }
    char text[2048] = "";
    soap_sprint_fault(context, text, sizeof text);
    throw Fault("", "", text);
}

}  // namespace xta
