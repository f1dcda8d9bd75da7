<?php

// $body = file_get_contents('php://input'), $headers = array_change_key_case(getallheaders()).
// Throws if it is not to be believed.
function vouchlink_verify(string $secret, array $headers, string $body): array
{
    $header = fn (string $name) => $headers["webhook-$name"] ?? '';
    return vouchlink_check($secret, $header('id'), $header('timestamp'), $header('signature'), $body);
}

// For an endpoint in `envelope` mode: everything is in the body.
function vouchlink_verify_envelope(string $secret, string $body): array
{
    $sent = json_decode($body, true, 8, JSON_THROW_ON_ERROR);
    $text = fn (string $name) => is_string($sent[$name] ?? null) ? $sent[$name] : '';
    return vouchlink_check($secret, $text('webhook_id'), $text('webhook_timestamp'), $text('webhook_signature'), $text('payload'));
}

function vouchlink_check(string $secret, string $id, string $timestamp, string $signature, string $payload): array
{
    if ($id === '' || $payload === '' || !preg_match('/^[0-9]{1,12}\z/', $timestamp)) {
        throw new UnexpectedValueException('not a signed message');
    }
    if (abs(time() - (int) $timestamp) > 300) {
        throw new UnexpectedValueException('too old, or from the future');
    }
    $key = str_starts_with($secret, 'whsec_') ? base64_decode(substr($secret, 6), true) : $secret;
    if ($key === false || strlen($key) < 24) { // An empty one is everybody's.
        throw new UnexpectedValueException('no secret');
    }
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$payload", $key, true));
    foreach (explode(' ', $signature) as $one) {
        if (hash_equals($expected, $one)) {
            return json_decode($payload, true, 32, JSON_THROW_ON_ERROR);
        }
    }
    throw new UnexpectedValueException('not signed with this secret');
}
