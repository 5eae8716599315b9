// What all servers of one database must agree on, in its table `settings`. Any process at any time;
// one thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/sql/database.h"

namespace sheafline {

class SharedSettings {
 public:
    explicit SharedSettings(const std::string& url);

    std::optional<std::string> value(std::string_view key);
    // Calls `work` while no other process does the same for this database.
    void alone(const std::function<void()>& work);
    // Stores the value unless there is one, and returns the one that is stored.
    std::string valueOr(std::string_view key, std::string_view first);
    // False if the value is no longer `old`.
    bool replace(std::string_view key, std::string_view old, std::string_view value);
    std::string place() const { return database_->place(); }

 private:
    const std::unique_ptr<sql::Database> database_;
};

}  // namespace sheafline
