// The socket in the data folder through which other commands reach the owner. One request and one
// answer a connection:
//
//     request = ("cancel " batch_id | restart) LF
//     restart = "retry " batch_id | "fix " batch_id " " sheet (" discard" | " qr " code)
//     answer  = "ok" LF | "error " text LF
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include <sheafline/file_descriptor.h>

namespace sheafline {

class ControlSocket {
 public:
    // `answer` gives an empty text where all is well; it is called on the socket's thread.
    ControlSocket(std::filesystem::path path,
                  std::function<std::string(const std::string&)> answer);
    ~ControlSocket();
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;

 private:
    void serveLoop(const std::stop_token& stop);
    void serve(int connection);

    const std::filesystem::path path_;
    const std::function<std::string(const std::string&)> answer_;
    FileDescriptor listener_;
    std::jthread thread_;
};

// Asks the owner; throws Error with its answer, or where nobody answers.
void askOwner(const std::filesystem::path& socket, const std::string& request);

}  // namespace sheafline
