#include "batches/operator_params.h"

#include <utility>
#include <vector>

#include "base/did_you_mean.h"
#include "language/param_check.h"

namespace sheafline {

Pipeline OperatorParams::appliedTo(Pipeline pipeline) {
    for (ParamSpec& spec : pipeline.params) {
        const std::string own = pipeline.name + "." + spec.name;
        known_.insert({spec.name, own});
        for (const std::string& name : {spec.name, own}) {
            const auto value = texts_.find(name);
            if (value == texts_.end()) continue;
            used_.insert(name);
            // Params of a batch are data: an expression in one would never be evaluated.
            auto wrong =
                value->second.text.find("${{") != std::string::npos
                    ? std::optional<std::string>("expressions are not allowed here")
                    : findingOf(ParamValue{.text = value->second.text}, spec, Repeat::value);
            if (wrong) throw WrongValue(value->second.place + ": set." + name + ": " + *wrong);
            spec.default_value = value->second.text;
            spec.required = false;
        }
    }
    return pipeline;
}

void OperatorParams::requireAllUsed() const {
    for (const auto& [name, value] : texts_) {
        if (used_.contains(name)) continue;
        throw WrongValue(value.place + ": no pipeline has the param of set." + name + "; " +
                         didYouMean(name, {known_.begin(), known_.end()}));
    }
}

}  // namespace sheafline
