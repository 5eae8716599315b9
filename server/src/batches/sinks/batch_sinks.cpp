// The part of BatchQueue with the sinks that pipelines name.
#include <algorithm>
#include <utility>

#include <sheafline/error.h>

#include "batch/batch_scope.h"
#include "batches/batch_queue.h"
#include "batches/sinks/undelivered.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

void BatchQueue::deliverUndelivered() {
    for (const std::string& batch_id : std::exchange(delivering_, {})) {
        owner_.dropSinks(batch_id, std::chrono::milliseconds(0));
        if (owner_.hasSinks(batch_id)) delivering_.insert(batch_id);
    }
    const auto history = readers_.take();
    for (const std::string& batch_id : batchesToDeliver(*history, plugins_, sinks_)) {
        if (owner_.hasSinks(batch_id)) continue;
        try {
            addSinks(batch_id);
            delivering_.insert(batch_id);
        } catch (const std::exception& error) {
            log_.warning("the sinks of the ended batch " + batch_id +
                         " cannot continue: " + error.what());
        }
    }
}

void BatchQueue::addSinks(const std::string& batch_id) {
    const BatchRow batch = readers_.take()->batch(batch_id).value();
    const Pipeline pipeline = parsePipeline(batch.pipeline_text, batch.pipeline_file, plugins_);
    Redactor redactor;
    const ExpressionScope scope = batchScope(batch, pipeline, owner_.folder(), redactor);
    int number = 0;
    for (const PipelineSink& use : pipeline.sinks) {
        ++number;
        if (std::find(sinks_.begin(), sinks_.end(), use.uses) == sinks_.end()) {
            log_.info("batch " + batch_id + ": the sink '" + use.uses +
                      "' of its pipeline is not among pipeline-sinks, and is left out");
            continue;
        }
        const PluginEntry& plugin = *plugins_.find(PluginKind::sink, use.uses);
        auto sink = owner_.pluginSinks().make(plugin, resolveValues(use.with, scope, pipeline.file),
                                              pipeline.file.parent_path());
        owner_.addSink({.name = batch_id + "/" + use.uses + "#" + std::to_string(number),
                        .batch_id = batch_id,
                        .durable = plugin.descriptor->durable},
                       std::move(sink));
    }
}

}  // namespace sheafline
