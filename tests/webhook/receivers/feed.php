<?php

// Feeds deliveries to the example: a JSON array in, a JSON array of sequences (or null) out.
require $argv[1];

$outcome = function (array $sent): ?int {
    try {
        $event = $sent['headers'] === null
            ? vouchlink_verify_envelope($sent['secret'], $sent['body'])
            : vouchlink_verify($sent['secret'], $sent['headers'], $sent['body']);
        return $event['data']['sequence'];
    } catch (UnexpectedValueException | JsonException) {
        return null;
    }
};
$all = json_decode(file_get_contents('php://stdin'), true, 32, JSON_THROW_ON_ERROR);
echo json_encode(array_map($outcome, $all));
