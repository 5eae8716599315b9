// One value against one ParamSpec: the only place that decides whether a value is right. The
// loader, resolveParams and Params use it. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include <sheafline/params.h>

namespace sheafline {

// A value that came out of an expression may hold a secret, so it is not repeated in messages.
enum class Repeat { value, nothing };

// What is wrong, with the remedy, or nothing: "max_bytes: '20Gb' is no size; write a size such as
// 512, 20KiB, 4MB or 1.5GiB".
std::optional<std::string> findingOf(const ParamValue& value, const ParamSpec& spec, Repeat repeat);
// What is wrong with the spec of a pipeline's own param: limits that cannot be read or that cross,
// a bad pattern, a choice without choices.
std::optional<std::string> findingOf(const ParamSpec& spec);

}  // namespace sheafline
