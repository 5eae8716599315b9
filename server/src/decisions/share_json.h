// With whom a batch is shared, as JSON: {"users": ["bob"], "everybody": false}. Any thread.
#pragma once

#include <string>

#include <Poco/JSON/Object.h>

#include <sheafline/error.h>

#include "history/shares/shares.h"

namespace sheafline {

// Names the place that is wrong, such as "users/3".
class InvalidShares : public Error {
 public:
    InvalidShares(std::string place, const std::string& detail)
        : Error(ErrorClass::permanent, "INVALID_FIELD", detail), place_(std::move(place)) {}
    const std::string& place() const { return place_; }

 private:
    std::string place_;
};

Poco::JSON::Object sharesJson(const Shares& shares);
Shares sharesOf(const Poco::JSON::Object& json);  // throws InvalidShares

std::string sharesText(const Shares& shares);  // "bob, eve", "everybody" or "nobody"

}  // namespace sheafline
