#include "program_line.h"

#include <cmath>

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/error.h>

namespace sheafline::exec {

namespace {

[[noreturn]] void throwWrong(const char* key, const char* wanted) {
    throw Error(ErrorClass::permanent, "PROGRAM_LINE",
                std::string("'") + key + "' in a line of the program is not " + wanted +
                    "; correct what it prints");
}

std::optional<double> number(const Poco::JSON::Object& line, const char* key) {
    const Poco::Dynamic::Var value = line.get(key);
    if (value.isEmpty()) return std::nullopt;
    if (!value.isNumeric() || value.isBoolean()) throwWrong(key, "a number");
    const auto amount = value.convert<double>();
    if (!std::isfinite(amount) || amount < 0) throwWrong(key, "a number from 0");
    return amount;
}

std::optional<std::string> text(const Poco::JSON::Object& line, const char* key) {
    const Poco::Dynamic::Var value = line.get(key);
    if (value.isEmpty()) return std::nullopt;
    if (!value.isString()) throwWrong(key, "a text");
    return value.extract<std::string>();
}

}  // namespace

std::optional<ProgramLine> parsedLine(std::string_view line) {
    const std::size_t start = line.find_first_not_of(" \t\r");
    if (start == std::string_view::npos || line[start] != '{') return std::nullopt;
    Poco::JSON::Object::Ptr object;
    try {
        Poco::JSON::Parser parser;
        parser.setDepth(8);
        object = parser.parse(std::string(line)).extract<Poco::JSON::Object::Ptr>();
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
    ProgramLine read{.done = number(*object, "done"),
                     .total = number(*object, "total"),
                     .message = text(*object, "message"),
                     .reason = text(*object, "reason"),
                     .artifact = text(*object, "artifact")};
    if (const auto sheet = number(*object, "sheet")) {
        if (*sheet != std::floor(*sheet) || *sheet > 1e9) throwWrong("sheet", "a whole number");
        read.sheet = static_cast<std::int64_t>(*sheet);
    }
    return read;
}

}  // namespace sheafline::exec
