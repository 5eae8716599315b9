// Another key for a batch that has been read: it is checked against the batch's template and kept
// in the batch's folder, under a name that depends on its content. Any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/data_folder.h"
#include "history/decisions/decision.h"
#include "history/history_reader.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

inline constexpr std::size_t kMostKeyBytes = 4U << 20U;

// `extension` is csv, yaml or json. Returns the file's name in keyFolder(). Throws ConfigError with
// the findings, Error NO_TEMPLATE if the batch was read without a template, and Error NO_KEY_OPTION
// if none of its plugins takes a key.
std::string storeKey(const DataFolder& folder, const PluginCatalog& plugins, const BatchRow& batch,
                     std::string_view text, std::string_view extension);

struct KeyOrder {
    std::string name{};  // of the stored key
    std::string user{};
    std::string reason{};
    int replaces = 0;  // the decision that this one replaces knowingly
};

NewDecisions keyDecision(const KeyOrder& order);

}  // namespace sheafline
