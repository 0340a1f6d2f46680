// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "clients/demo/process.hpp"
#include "core/base/json.hpp"

/// The programs as other programs meet them.
namespace trellis::clients::test {

/// A folder of one test's own.
class Folder {
public:
    Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder();

    std::string file(const std::string& name) const { return path_ + "/" + name; }
    void write(const std::string& name, const std::string& text) const;
    std::string read(const std::string& name) const;

private:
    std::string path_;
};

/// What a program said and how it ended.
struct Ended {
    int status = 0;
    std::string out;
    std::string err;

    /// What it printed, as JSON. Requires: it is.
    Json json() const;
};

/// Runs `trellis` to its end; its output is no terminal.
Ended run_trellis(const std::vector<std::string>& words);

/// A `trellis repl` of its own.
class Repl {
public:
    explicit Repl(const std::string& database, const std::vector<std::string>& more = {});

    /// The next line after writing one. Requires: there is one.
    Json line(const std::string& text);
    /// The reply to a request; what live syncing says in between is passed over.
    Json ask(const std::string& request);
    /// The code of a refusal; empty where it went well.
    std::string code(const std::string& request);

    demo::Process& process() { return *process_; }

private:
    Json next_line();
    std::unique_ptr<demo::Process> process_;
};

/// A trellisd of its own, on a free port unless one is named.
class Server {
public:
    explicit Server(const Folder& folder, int port = 0);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    std::string url() const { return "ws://127.0.0.1:" + std::to_string(port_) + "/sync"; }
    int port() const { return port_; }
    /// Its exit status.
    int stop();
    /// Ends it as a power cut would.
    void kill();

private:
    std::unique_ptr<demo::Process> process_;
    int port_ = 0;
};

/// The member of a reply as text. Requires: it is one.
std::string text_of(const Json& reply, const std::string& name);

}  // namespace trellis::clients::test
