// Descriptors with the params of the plugins that pipelines/omr-batch.yaml uses, for tests of the
// language, which check params and not the work of plugins.
#pragma once

#include <algorithm>
#include <tuple>
#include <vector>

#include <sheafline/plugin.h>

#include "plugins/plugin_catalog.h"

namespace sheafline {

inline ParamSpec option(const char* name, ParamType type, ParamSpec spec = {}) {
    spec.name = name;
    spec.type = type;
    return spec;
}

inline PluginCatalog demoPlugins() {
    using enum ParamType;
    static const PluginDescriptor extract{.name = "extract"}, organize{.name = "organize_qr"},
        dispatch{.name = "dispatch"}, collect{.name = "collect"}, csv{.name = "csv"},
        db_load{.name = "db_load"}, exec{.name = "exec"}, cleanup{.name = "cleanup"},
        jsonl{.kind = PluginKind::sink, .name = "jsonl"},
        command{.kind = PluginKind::processor, .name = "command"},
        omr{.kind = PluginKind::processor, .name = "omr", .summary = "reads marks"};
    return PluginCatalog(std::vector<PluginEntry>{
        {&cleanup, {}, {}},
        {&collect, {}, {}},
        {&csv, {}, {option("file", string, {.required = true})}},
        {&db_load,
         {},
         {option("url", string, {.help = "where to", .required = true}),
          option("table", string, {.default_value = "results", .pattern = "^[a-z_]+$"})}},
        {&dispatch,
         {},
         {option("processor", processor, {.required = true}),
          option("executor", choice, {.default_value = "local", .choices = {"local", "redis"}}),
          option("workers", integer, {.default_value = "0", .min = "0", .max = "512"}),
          option("sheet_timeout", duration, {.default_value = "30s", .min = "1s"})}},
        {&extract,
         {},
         {option("archive", path, {.required = true}),
          option("max_bytes", size, {.default_value = "20GiB", .min = "1KiB"}),
          option("max_entries", integer, {.default_value = "200000", .min = "1"}),
          option("max_ratio", integer, {.default_value = "200", .min = "1"}),
          option("strict", boolean, {.default_value = "true"}),
          option("kinds", list, {.max = "3", .pattern = "^[a-z]+$"})}},
        {&exec,
         {},
         {option("command", list, {.required = true, .min = "1"}), option("artifacts", list)}},
        {&organize,
         {},
         {option("pattern", string, {.required = true}),
          option("group_by", string, {.required = true}), option("template", path),
          option("on_unreadable", choice,
                 {.default_value = "quarantine", .choices = {"quarantine", "fail"}})}},
        {&jsonl, {}, {option("file", path, {.required = true})}},
        {&command,
         {},
         {option("command", list, {.required = true, .min = "1"}),
          option("columns", list, {.required = true, .min = "1"})}},
        {&omr,
         {},
         {option("template", path, {.required = true}),
          option("threshold", number, {.default_value = "0.5", .min = "0", .max = "1"})}},
    });
}

}  // namespace sheafline
