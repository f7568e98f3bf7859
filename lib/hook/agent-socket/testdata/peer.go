// Go's own net/rpc and gob at either end of the agent's socket, with the structures of Juju 3.6 and 4.
//
//	peer serve SOCKET   answers until its standard input ends
//	peer call SOCKET    makes calls one after the other and many at once, prints one line each
package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/rpc"
	"os"
	"strings"
	"sync"
)

type Request struct {
	ContextId   string
	Dir         string
	CommandName string
	Args        []string
	StdinSet    bool
	Stdin       []byte
	Token       string
}

type ExecResponse struct {
	Code   int
	Stdout []byte
	Stderr []byte
}

type Jujuc struct{ mu sync.Mutex }

func (j *Jujuc) Main(req Request, resp *ExecResponse) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case req.CommandName == "refuse":
		return errors.New("bad request: refused")
	case req.CommandName == "stdin" && !req.StdinSet:
		return errors.New("hook tool requires stdin, none supplied")
	}
	resp.Code = len(req.Args)
	resp.Stdout = append([]byte(req.ContextId+"|"+req.Dir+"|"+strings.Join(req.Args, "|")+"|"), req.Stdin...)
	resp.Stderr = []byte(strings.Repeat("é", len(req.Args)))
	return nil
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(path string) {
	server := rpc.NewServer()
	must(server.Register(&Jujuc{}))
	listener, err := net.Listen("unix", path)
	must(err)
	go server.Accept(listener)
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	listener.Close()
}

func line(name string, resp ExecResponse, err error) string {
	if err != nil {
		return fmt.Sprintf("%s: error %v", name, err)
	}
	return fmt.Sprintf("%s: %d %q %q", name, resp.Code, resp.Stdout, resp.Stderr)
}

func call(path string) {
	client, err := rpc.Dial("unix", path)
	must(err)
	defer client.Close()
	for _, name := range []string{"refuse", "plain", "empty", "stdin"} {
		req := Request{ContextId: "c", Dir: "/d", CommandName: name, Args: []string{"a", "é"}}
		var resp ExecResponse
		err := client.Call("Jujuc.Main", req, &resp)
		fmt.Println(line(name, resp, err))
	}
	var again ExecResponse
	err = client.Call("Jujuc.Main", Request{Dir: "/", CommandName: "stdin", StdinSet: true, Stdin: []byte("in")}, &again)
	fmt.Println(line("stdin", again, err))
	err = client.Call("Jujuc.Other", Request{}, &again)
	fmt.Println(line("other", again, err))
	var all sync.WaitGroup
	good := make(chan bool, 50)
	for i := range 50 {
		all.Go(func() {
			name := fmt.Sprint("n", i)
			var resp ExecResponse
			err := client.Call("Jujuc.Main", Request{Dir: "/", CommandName: name}, &resp)
			good <- err == nil && strings.HasPrefix(string(resp.Stdout), name)
		})
	}
	all.Wait()
	close(good)
	count := 0
	for ok := range good {
		if ok {
			count++
		}
	}
	fmt.Println("at once:", count)
}

func main() {
	if len(os.Args) != 3 {
		must(errors.New("usage: peer serve|call SOCKET"))
	}
	if os.Args[1] == "serve" {
		serve(os.Args[2])
		return
	}
	call(os.Args[2])
}
