// Package vouchlink believes the webhooks that Vouchlink sent.
package vouchlink

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Verify says whether body, read before anything parsed it, is to be believed.
func Verify(secret string, header http.Header, body []byte) error {
	return check(secret, header.Get("webhook-id"), header.Get("webhook-timestamp"), header.Get("webhook-signature"), body)
}

// OpenEnvelope gives the event's JSON, for an endpoint in envelope mode.
func OpenEnvelope(secret string, body []byte) ([]byte, error) {
	var sent struct {
		ID        string `json:"webhook_id"`
		Timestamp string `json:"webhook_timestamp"`
		Signature string `json:"webhook_signature"`
		Payload   string `json:"payload"`
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil, err
	}
	payload := []byte(sent.Payload)
	return payload, check(secret, sent.ID, sent.Timestamp, sent.Signature, payload)
}

func check(secret, id, timestamp, signature string, payload []byte) error {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || id == "" || len(payload) == 0 {
		return errors.New("not a signed message")
	}
	if age := time.Since(time.Unix(seconds, 0)); age.Abs() > 5*time.Minute {
		return errors.New("too old, or from the future")
	}
	key := []byte(secret)
	if coded := strings.TrimPrefix(secret, "whsec_"); coded != secret {
		if key, err = base64.StdEncoding.DecodeString(coded); err != nil {
			return err
		}
	}
	if len(key) < 24 { // An empty one is everybody's.
		return errors.New("no secret")
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(payload)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	for _, one := range strings.Split(signature, " ") {
		if hmac.Equal(expected, []byte(one)) {
			return nil
		}
	}
	return errors.New("not signed with this secret")
}
