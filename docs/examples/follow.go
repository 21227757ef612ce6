// Prints the new claims of a story with redigo (go get github.com/gomodule/redigo; tried with version 1.8.3 and Go 1.19).
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/gomodule/redigo/redis"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	stream := "claimwire:{" + os.Getenv("STORY") + "}:new-claims"
	server, err := redis.DialURL(os.Getenv("REDIS_URL"))
	must(err)
	if _, err := server.Do("XGROUP", "CREATE", stream, "go", "0", "MKSTREAM"); err != nil && !strings.HasPrefix(err.Error(), "BUSYGROUP") {
		log.Fatal(err)
	}
	after := "0" // first what was handed out and never acknowledged, then (>) what is new
	for {
		read, err := redis.Values(server.Do("XREADGROUP", "GROUP", "go", "one", "COUNT", 10, "BLOCK", 2000, "STREAMS", stream, after))
		var entries []any
		if err == nil {
			ofStream, _ := redis.Values(read[0], nil)
			entries, err = redis.Values(ofStream[1], nil)
		} else if err == redis.ErrNil { // nothing came within two seconds
			err = nil
		}
		must(err)
		if len(entries) == 0 {
			after = ">"
		}
		for _, each := range entries {
			entry, err := redis.Values(each, nil)
			must(err)
			id, _ := redis.String(entry[0], nil)
			fields, err := redis.StringMap(entry[1], nil)
			must(err)
			var event struct{ Claim struct{ Text string } }
			must(json.Unmarshal([]byte(fields["data"]), &event))
			fmt.Println(fields["id"], event.Claim.Text)
			_, err = server.Do("XACK", stream, "go", id)
			must(err)
		}
	}
}
