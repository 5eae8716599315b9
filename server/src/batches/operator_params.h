// The operator's values for params of pipelines: `set.KEY` and `set.PIPELINE.KEY` of the
// configuration, the only way to give a server the params that HTTP clients must not set. One
// thread.
#pragma once

#include <set>
#include <string>

#include <sheafline/error.h>

#include "pipeline/pipeline.h"
#include "settings/setting_values.h"

namespace sheafline {

class OperatorParams {
 public:
    class WrongValue : public ConfigError {
     public:
        using ConfigError::ConfigError;
    };

    explicit OperatorParams(const SettingTexts& texts) : texts_(texts) {}

    // The pipeline with these values as the defaults of its params. `set.PIPELINE.KEY` is used
    // before `set.KEY`. Throws WrongValue with the place of the value.
    Pipeline appliedTo(Pipeline pipeline);
    // Throws WrongValue for a value that no pipeline had a param for.
    void requireAllUsed() const;

 private:
    const SettingTexts& texts_;
    std::set<std::string> used_;
    std::set<std::string> known_;  // the names that could be set
};

}  // namespace sheafline
