// A page of a list: {"items": […], "next": CURSOR or null}.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "api/api_request.h"

namespace sheafline::api {

inline constexpr std::size_t kPageLimit = 1000;
inline constexpr std::size_t kPageDefault = 100;

inline std::size_t pageLimit(ApiRequest& request) {
    return std::max<std::size_t>(1, request.queryNumber("limit", kPageDefault, kPageLimit));
}

// `items` may have one more item than `limit`, which shows that there are more. `cursor` returns an
// item's position; it is called for the last item of the page.
template <typename Item, typename ToJson, typename Cursor>
std::string pageJson(const std::vector<Item>& items, std::size_t limit, ToJson to_json,
                     Cursor cursor) {
    std::string json = "{\"items\":[";
    const std::size_t shown = std::min(items.size(), limit);
    for (std::size_t i = 0; i < shown; ++i) {
        if (i > 0) json += ',';
        json += to_json(items[i]);
    }
    json += "],\"next\":";
    json += items.size() > limit ? '"' + cursor(items[shown - 1]) + '"' : "null";
    return json += '}';
}

}  // namespace sheafline::api
