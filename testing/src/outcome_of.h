// Calls a plugin and turns what it throws into an Outcome.
#pragma once

#include <exception>
#include <string>

#include <sheafline/error.h>
#include <sheafline/testing/outcome.h>

namespace sheafline::testing {

template <typename Call>
Outcome outcomeOf(Call call) {
    try {
        call();
        return {.code = "done", .message = {}};
    } catch (const Error& error) {
        const bool stopped = error.errorClass() == ErrorClass::cancelled;
        return {.code = stopped ? "CANCELLED" : error.code(), .message = error.what()};
    } catch (const ConfigError& error) {
        return {.code = "WRONG_PARAM", .message = error.what()};
    } catch (const std::exception& error) {
        return {.code = "EXCEPTION", .message = error.what()};
    }
}

}  // namespace sheafline::testing
