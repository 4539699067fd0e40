<?php
// The conversation of tests/interop/conversation.py with PHP's SoapClient.
// Argument: path of the task file. Prints one JSON object.

declare(strict_types=1);

require __DIR__ . '/XtaClient.php';

function connect(array $task, string $role): XtaClient
{
    $mandant = $task[$role];
    $wsdl = $task['ports']['management'] . '?wsdl';
    return new XtaClient($wsdl, $mandant['certificate'], $task['ca'], $mandant['identifier']);
}

function isReachable(XtaClient $author, array $task): bool
{
    $question = [
        'Reader' => ['Identifier' => XtaClient::describeParty($task['reader']['identifier'])],
        'ServiceType' => $task['service'],
    ];
    $answer = $author->ask(
        'lookupService',
        ['LookupServiceRequestList' => [['LookupService' => $question]]]
    );
    $result = $answer->body->LookupServiceResultList->LookupServiceResult[0];
    return $result->IsServiceAvailableValue->ServiceIsAvailable ?? false;
}

function createMessageId(XtaClient $author): string
{
    return $author->ask('createMessageId')->body->_;
}

function describeMessage(array $task, string $messageId, array $times): array
{
    return [
        'DeliveryAttributes' => $times,
        'Destinations' => [
            'Reader' => ['Identifier' => XtaClient::describeParty($task['reader']['identifier'])],
        ],
        'MsgIdentification' => ['MessageID' => ['_' => $messageId]],
        'Qualifier' => [
            'Service' => $task['service'],
            'BusinessScenario' => ['Undefined' => $task['service']],
            'MessageType' => [
                'code' => $task['messageType'],
                'listURI' => $task['messageTypeListUri'],
                'listVersionID' => $task['messageTypeListVersion'],
                'payloadSchema' => $task['payloadSchema'],
            ],
        ],
    ];
}

function readContent(string $path, string $contentType, array $more = []): array
{
    $content = file_get_contents($path);
    $size = strlen($content);
    return ['_' => $content, 'contentType' => $contentType, 'size' => $size] + $more;
}

function makeContainer(array $task): array
{
    $attachments = array_map(
        fn (array $item) => readContent(
            $item['path'],
            $item['contentType'],
            ['filename' => $item['filename']]
        ),
        $task['attachments']
    );
    return [
        'Message' => readContent($task['message'], 'application/xml'),
        'Attachment' => $attachments,
    ];
}

function listIds(XtaAnswer $answer): array
{
    return array_map(
        fn (object $metadata) => $metadata->MsgIdentification->MessageID->_,
        $answer->body->MessageMetaData ?? []
    );
}

function describeFetched(XtaAnswer $answer): array
{
    $container = $answer->body->ContentContainer;
    $parts = array_map(
        fn (object $part) => [
            'filename' => $part->filename ?? '',
            'sha256' => hash('sha256', $part->_),
        ],
        [$container->Message, ...($container->Attachment ?? [])]
    );
    return ['messageId' => $answer->messageId(), 'parts' => $parts];
}

function readReport(XtaClient $author, string $messageId): array
{
    $status = $author->ask('getTransportReport', ['_' => $messageId])->body->MessageStatus;
    $entries = [
        ...($status->ErrorList->Error ?? []),
        ...($status->WarnList->Warning ?? []),
        ...($status->InfoList->Info ?? []),
    ];
    $codes = array_map(fn (object $entry) => $entry->Code->code, $entries);
    return ['status' => (int) $status->Status, 'codes' => $codes];
}

function describeFault(callable $call): array
{
    try {
        $call();
    } catch (SoapFault $fault) {
        foreach (get_object_vars($fault->detail ?? new stdClass()) as $name => $exception) {
            return ['exception' => $name, 'code' => $exception->errorCode->code];
        }
        throw $fault;
    }
    throw new RuntimeException('a fault was expected');
}

function sendAll(XtaClient $author, array $task, array $messageIds): void
{
    $container = makeContainer($task);
    [$first, $second, $third] = $messageIds;
    $tomorrow = (new DateTimeImmutable('+1 day'))->format(DATE_RFC3339);
    $author->send(describeMessage($task, $first, []), $container);
    $author->send(describeMessage($task, $second, []), $container);
    $author->send(describeMessage($task, $third, ['NotBefore' => $tomorrow]), $container);
}

function readMailbox(XtaClient $reader, string $first, string $second): array
{
    $selector = ['MessageID' => [['_' => $first], ['_' => $second]]];
    $list = $reader->ask('getStatusList', [
        'MsgSelector' => $selector,
        'maxListItems' => 1,
        'ListForm' => 'MessageMetaData',
    ]);
    // SoapClient does not see that the sequence around LastMsgReceived may be absent: it takes an
    // empty list, but not a missing one.
    $nextList = $reader->ask('getNextStatusList', [
        'MsgBoxRequestID' => $list->iterator(),
        'LastMsgReceived' => [],
    ]);
    $message = $reader->ask('getMessage', ['MsgSelector' => $selector]);
    $nextMessage = $reader->ask('getNextMessage', [
        'MsgBoxRequestID' => $message->iterator(),
        'LastMsgReceived' => [['_' => $first]],
    ]);
    $reader->ask('close', [
        'MsgBoxRequestID' => $message->iterator(),
        'LastMsgReceived' => [['_' => $second]],
    ]);
    return [
        'listed' => listIds($list),
        'listedNext' => listIds($nextList),
        'fetched' => describeFetched($message),
        'fetchedNext' => describeFetched($nextMessage),
    ];
}

function converse(array $task): array
{
    $author = connect($task, 'author');
    $author->ask('checkAccountActive');
    $isReachable = isReachable($author, $task);
    $messageIds = array_map(fn () => createMessageId($author), range(1, 3));
    [$first, $second, $third] = $messageIds;
    sendAll($author, $task, $messageIds);
    $mailbox = readMailbox(connect($task, 'reader'), $first, $second);
    $report = readReport($author, $first);
    $author->ask('cancelMessage', ['_' => $third]);
    return [
        'messageIds' => $messageIds,
        'accountActive' => true,
        'serviceAvailable' => $isReachable,
        ...$mailbox,
        'report' => $report,
        'cancelled' => readReport($author, $third),
        'fault' => describeFault(fn () => $author->ask('cancelMessage', ['_' => $first])),
    ];
}

$task = json_decode(file_get_contents($argv[1]), true, flags: JSON_THROW_ON_ERROR);
echo json_encode(converse($task), JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES);
