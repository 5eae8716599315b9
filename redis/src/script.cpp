#include <utility>

#include <Poco/SHA1Engine.h>

#include <sheafline/redis/script.h>

namespace sheafline::redis {

namespace {

std::string sha1Of(const std::string& text) {
    Poco::SHA1Engine engine;
    engine.update(text);
    return Poco::DigestEngine::digestToHex(engine.digest());
}

}  // namespace

Script::Script(std::string text) : text_(std::move(text)), hash_(sha1Of(text_)) {}

Command Script::command(const ScriptCall& call) const {
    Command words{"EVALSHA", hash_, std::to_string(call.keys.size())};
    words.insert(words.end(), call.keys.begin(), call.keys.end());
    words.insert(words.end(), call.arguments.begin(), call.arguments.end());
    return words;
}

}  // namespace sheafline::redis
