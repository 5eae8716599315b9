// A Lua script that Redis knows by its hash. Connection::eval() sends the hash, and the text if
// Redis has forgotten it.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace sheafline::redis {

using Command = std::vector<std::string>;  // {"SET", "key", "value"}

struct ScriptCall {
    std::vector<std::string> keys{};
    std::vector<std::string> arguments{};
};

class Script {
 public:
    explicit Script(std::string text);

    const std::string& text() const { return text_; }
    const std::string& hash() const { return hash_; }  // SHA-1, as Redis computes it
    Command command(const ScriptCall& call) const;     // EVALSHA …

 private:
    std::string text_;
    std::string hash_;
};

}  // namespace sheafline::redis
