// The socket in the data folder through which other commands reach the owner. One request and one
// answer a connection:
//
//     request = ("cancel " batch_id | decide | share | restart) LF
//     decide  = "decide " batch_id " " decisions             ; see decision_wire.h
//     share   = "share " batch_id " " account {" " user}     ; the user "*" is everybody
//     restart = "retry " batch_id | "apply " batch_id
//               | "score " batch_id " " decisions            ; one decision, a key
//               | "fix " batch_id " " sheet " by " account (" discard" | " qr " code)
//     answer  = "ok" LF | "error " text LF | "failed " code " " text LF
//
// "error" says that the request cannot be done (no such batch), "failed" that the owner could not
// do it now.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include <sheafline/file_descriptor.h>

namespace sheafline {

class ControlSocket {
 public:
    // `answer` returns an empty text, or why the request cannot be done. An exception becomes
    // "failed". It is called on the socket's thread. A request must arrive whole within `patience`.
    ControlSocket(std::filesystem::path path, std::function<std::string(const std::string&)> answer,
                  std::chrono::milliseconds patience = std::chrono::seconds(10));
    ~ControlSocket();
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;

 private:
    void serveLoop(const std::stop_token& stop);
    void serve(int connection);

    const std::filesystem::path path_;
    const std::function<std::string(const std::string&)> answer_;
    const std::chrono::milliseconds patience_;
    FileDescriptor listener_;
    std::jthread thread_;
};

// Asks the owner. Throws ConfigError for "error", so that a command has the same exit status with
// and without an owner, and Error for "failed" or when no answer comes.
void askOwner(const std::filesystem::path& socket, const std::string& request);

}  // namespace sheafline
