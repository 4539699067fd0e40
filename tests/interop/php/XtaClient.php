<?php
// XTA 2.1.1 with PHP's SoapClient, which builds itself from the served WSDL.

declare(strict_types=1);

/**
 * Speaks for one Mandant: all three ports, the client certificate, the headers of XTA.
 *
 * What SoapClient does by itself: the action (in the Content-Type, from the WSDL), the address of
 * each port, the envelope of SOAP 1.2, base64, an empty body. What is added here: the headers
 * Author and MessageMetaData, and WS-Addressing.
 */
final class XtaClient extends SoapClient
{
    private const META = 'http://www.osci.eu/ws/2014/10/transport';
    private const WSA = 'http://www.w3.org/2005/08/addressing';
    private const ANONYMOUS = 'http://www.w3.org/2005/08/addressing/anonymous';
    private const CONNECT_SECONDS = 10;

    private string $sentId = '';

    /**
     * $certificate holds client certificate and key (PEM); $party is the identifier of the
     * Mandant: value, type, name and category.
     */
    public function __construct(string $wsdl, string $certificate, string $ca, private array $party)
    {
        parent::__construct($wsdl, [
            'soap_version' => SOAP_1_2,
            'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
            // A test's server has a new contract each time; in operation the cache is welcome.
            'cache_wsdl' => WSDL_CACHE_NONE,
            'connection_timeout' => self::CONNECT_SECONDS,
            'stream_context' => stream_context_create([
                'ssl' => ['local_cert' => $certificate, 'cafile' => $ca],
            ]),
        ]);
    }

    /** Calls an operation as the author or reader that we are. */
    public function ask(string $operation, ?array $body = null): XtaAnswer
    {
        $author = ['Identifier' => self::describeParty($this->party)];
        return $this->call($operation, $body, new SoapHeader(self::META, 'Author', $author));
    }

    /** Sends a message: MessageMetaData takes the place of the header Author. */
    public function send(array $metadata, array $container): void
    {
        $metadata['Originators'] = [
            'Author' => ['Identifier' => self::describeParty($this->party)],
        ];
        $this->call(
            'sendMessage',
            ['ContentContainer' => $container],
            new SoapHeader(self::META, 'MessageMetaData', $metadata)
        );
    }

    /** An Identifier: text with attributes is an array whose text has the key `_`. */
    public static function describeParty(array $party): array
    {
        return ['_' => $party['value']] + array_diff_key($party, ['value' => true]);
    }

    /** WS-Addressing is not known to SoapClient: its headers are written into the request. */
    public function __doRequest(
        string $request,
        string $location,
        string $action,
        int $version,
        bool $oneWay = false
    ): ?string {
        $this->sentId = 'urn:uuid:' . self::makeUuid();
        $blocks = self::writeBlock('Action', $action)
            . self::writeBlock('To', $location)
            . self::writeBlock('MessageID', $this->sentId)
            . '<wsa:ReplyTo xmlns:wsa="' . self::WSA . '"><wsa:Address>' . self::ANONYMOUS
            . '</wsa:Address></wsa:ReplyTo>';
        // Each call has a header of XTA, so that SoapClient has written this tag.
        $start = strpos($request, '<env:Header>') + strlen('<env:Header>');
        $addressed = substr_replace($request, $blocks, $start, 0);
        return parent::__doRequest($addressed, $location, $action, $version, $oneWay);
    }

    private function call(string $operation, ?array $body, SoapHeader $header): XtaAnswer
    {
        $arguments = $body === null ? [] : [$body];
        $headers = [];
        $result = $this->__soapCall($operation, $arguments, null, [$header], $headers);
        if (($headers['RelatesTo'] ?? null) !== $this->sentId) {
            throw new RuntimeException("$operation: the answer belongs to another request");
        }
        return new XtaAnswer($result, $headers);
    }

    private static function writeBlock(string $name, string $text): string
    {
        $escaped = htmlspecialchars($text, ENT_XML1);
        return "<wsa:$name xmlns:wsa=\"" . self::WSA . "\">$escaped</wsa:$name>";
    }

    private static function makeUuid(): string
    {
        $bytes = random_bytes(16);
        $bytes[6] = chr((ord($bytes[6]) & 0x0f) | 0x40);
        $bytes[8] = chr((ord($bytes[8]) & 0x3f) | 0x80);
        return vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex($bytes), 4));
    }
}

/** The body of an answer (null where it is empty) and its headers by name. */
final class XtaAnswer
{
    public function __construct(public readonly mixed $body, public readonly array $headers)
    {
    }

    /** What the next getNext… or close wants. */
    public function iterator(): string
    {
        return $this->headers['MsgBoxResponse']->MsgBoxRequestID;
    }

    /** The MessageID of a fetched message, from the header MessageMetaData. */
    public function messageId(): string
    {
        return $this->headers['MessageMetaData']->MsgIdentification->MessageID->_;
    }
}
