// Feeds deliveries to the example: a JSON array in, a JSON array of sequences (or null) out.
package main

import (
	"encoding/json"
	"net/http"
	"os"

	"receiver/vouchlink"
)

type delivery struct {
	Secret  string
	Headers map[string]string
	Body    string
}

type event struct{ Data struct{ Sequence *uint64 } }

func outcome(sent delivery) *uint64 {
	payload, err := []byte(sent.Body), error(nil)
	if sent.Headers == nil {
		payload, err = vouchlink.OpenEnvelope(sent.Secret, payload)
	} else {
		header := http.Header{}
		for name, value := range sent.Headers {
			header.Set(name, value)
		}
		err = vouchlink.Verify(sent.Secret, header, payload)
	}
	var believed event
	if err != nil || json.Unmarshal(payload, &believed) != nil {
		return nil
	}
	return believed.Data.Sequence
}

func main() {
	var all []delivery
	if err := json.NewDecoder(os.Stdin).Decode(&all); err != nil {
		panic(err)
	}
	outcomes := make([]*uint64, 0, len(all))
	for _, one := range all {
		outcomes = append(outcomes, outcome(one))
	}
	if err := json.NewEncoder(os.Stdout).Encode(outcomes); err != nil {
		panic(err)
	}
}
