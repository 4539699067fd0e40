// The conversation of tests/interop/conversation.py with gSOAP.
// Argument: path of the task, one `key=value` a line. Prints one JSON object.

#include <csignal>
#include <ctime>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>

#include <openssl/evp.h>

#include "xta_client.hpp"

namespace {

constexpr time_t DAY = 24 * 60 * 60;

using Task = std::map<std::string, std::string>;

Task readTask(const char* path)
{
    std::ifstream file(path);
    Task task;
    for (std::string line; std::getline(file, line);) {
        const size_t equals = line.find('=');
        task[line.substr(0, equals)] = line.substr(equals + 1);
    }
    return task;
}

std::string readFile(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    if (!file)
        throw std::runtime_error("cannot read " + path);
    return content.str();
}

xta::Party readParty(const Task& task, const std::string& role)
{
    const std::string prefix = role + ".identifier.";
    return {task.at(prefix + "value"), task.at(prefix + "type"), task.at(prefix + "name"),
            task.at(prefix + "category")};
}

xta::Access readAccess(const Task& task, const std::string& role)
{
    return {task.at("ports.management"),  task.at("ports.send"), task.at("ports.msgbox"),
            task.at(role + ".certificate"), task.at("ca"),         task.at("isMtom") == "true"};
}

std::vector<xta::Part> readParts(const Task& task)
{
    std::vector<xta::Part> parts = {{readFile(task.at("message")), "application/xml", ""}};
    for (int index = 0;; ++index) {
        const std::string prefix = "attachments." + std::to_string(index) + ".";
        if (task.count(prefix + "path") == 0)
            return parts;
        parts.push_back({readFile(task.at(prefix + "path")), task.at(prefix + "contentType"),
                         task.at(prefix + "filename")});
    }
}

xta::OutgoingMessage makeMessage(const Task& task)
{
    xta::OutgoingMessage message;
    message.reader = readParty(task, "reader");
    message.qualifier = {task.at("service"), task.at("messageType"), task.at("messageTypeListUri"),
                         task.at("messageTypeListVersion"), task.at("payloadSchema")};
    message.parts = readParts(task);
    return message;
}

void sendAll(xta::Client& author, const Task& task, const std::vector<std::string>& messageIds)
{
    xta::OutgoingMessage message = makeMessage(task);
    for (const std::string& messageId : messageIds) {
        message.messageId = messageId;
        message.notBefore = messageId == messageIds.back() ? std::time(nullptr) + DAY : 0;
        author.sendMessage(message);
    }
}

std::string hash(const std::string& content)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_Digest(content.data(), content.size(), digest, &size, EVP_sha256(), nullptr);
    std::ostringstream text;
    for (unsigned int index = 0; index < size; ++index)
        text << std::hex << std::setw(2) << std::setfill('0') << int(digest[index]);
    return text.str();
}

/// A JSON string; what is told here has no control characters.
std::string quote(const std::string& text)
{
    std::ostringstream quoted;
    quoted << std::quoted(text);
    return quoted.str();
}

std::string write(const std::vector<std::string>& texts)
{
    std::string list;
    for (const std::string& text : texts)
        list += (list.empty() ? "" : ",") + quote(text);
    return "[" + list + "]";
}

std::string write(const xta::IncomingMessage& message)
{
    std::string parts;
    for (const xta::Part& part : message.parts)
        parts += (parts.empty() ? "{\"filename\":" : ",{\"filename\":") + quote(part.filename) +
                 ",\"sha256\":" + quote(hash(part.content)) + "}";
    return "{\"messageId\":" + quote(message.messageId) + ",\"parts\":[" + parts + "]}";
}

std::string write(const xta::Report& report)
{
    return "{\"status\":" + std::to_string(report.status) + ",\"codes\":" + write(report.codes) +
           "}";
}

std::string writeRefusal(xta::Client& author, const std::string& messageId)
{
    try {
        author.cancelMessage(messageId);
    } catch (const xta::Fault& fault) {
        return "{\"exception\":" + quote(fault.exception) + ",\"code\":" + quote(fault.code) + "}";
    }
    throw std::runtime_error("a fault was expected");
}

void readMailbox(xta::Client& reader, const std::vector<std::string>& waiting)
{
    const auto list = reader.getStatusList(waiting, 1);
    const auto nextList = reader.getNextStatusList(list.iterator);
    const auto message = reader.getMessage(waiting);
    const auto nextMessage = reader.getNextMessage(message.iterator, waiting.at(0));
    reader.close(message.iterator, waiting.at(1));
    std::cout << ",\"listed\":" << write(list.messageIds)
              << ",\"listedNext\":" << write(nextList.messageIds)
              << ",\"fetched\":" << write(message) << ",\"fetchedNext\":" << write(nextMessage);
}

void converse(const Task& task)
{
    xta::Client author(readAccess(task, "author"), readParty(task, "author"));
    xta::Client reader(readAccess(task, "reader"), readParty(task, "reader"));
    author.checkAccountActive();
    const bool isReachable = author.isReachable(readParty(task, "reader"), task.at("service"));
    const std::vector<std::string> messageIds = {
        author.createMessageId(), author.createMessageId(), author.createMessageId()};
    sendAll(author, task, messageIds);
    std::cout << "{\"messageIds\":" << write(messageIds) << ",\"accountActive\":true"
              << ",\"serviceAvailable\":" << (isReachable ? "true" : "false");
    readMailbox(reader, {messageIds[0], messageIds[1]});
    std::cout << ",\"report\":" << write(author.getTransportReport(messageIds[0]));
    author.cancelMessage(messageIds[2]);
    std::cout << ",\"cancelled\":" << write(author.getTransportReport(messageIds[2]))
              << ",\"fault\":" << writeRefusal(author, messageIds[0]) << "}\n";
}

}  // namespace

int main(int count, char** arguments)
{
    if (count != 2) {
        std::cerr << "usage: conversation TASK\n";
        return 2;
    }
    // A server that refuses closes the connection while we may still be writing.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        converse(readTask(arguments[1]));
    } catch (const xta::Fault& fault) {
        std::cerr << fault.exception << " " << fault.code << " " << fault.what() << "\n";
        return 1;
    } catch (const std::exception& error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
    return 0;
}
