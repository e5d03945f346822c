package org.alborz.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.alborz.nn.ModelSummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what a net consists of and what it costs. */
@Command(
        name = "summary",
        description =
                "Lists the layers of a net: output shapes, parameters, memory of activations and multiply-adds of a forward"
                        + " pass. Nothing is computed.",
        footer = {
            "",
            "Examples:",
            "  ./alborz summary resnet20",
            "  ./alborz summary resnet50 --image-size 224 --classes 1000",
            "  ./alborz summary runs/NAME/best.safetensors --batch-size 128"
        })
final class SummaryCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "The name of a net, as train takes it, or a checkpoint of train.")
    private String model;

    @Mixin
    private NetOptions options;

    @Mixin
    private JsonOption json;

    /** What {@code --json} holds; shapes are lists of sizes. */
    record Report(
            String model,
            int[] input,
            List<LayerReport> layers,
            long parameters,
            long trainable,
            long states,
            long activationBytes,
            long multiplyAdds) {
        static Report of(String model, int[] input, ModelSummary summary) {
            return new Report(
                    model,
                    input,
                    summary.layers().stream().map(LayerReport::of).toList(),
                    summary.parameters(),
                    summary.trainable(),
                    summary.states(),
                    summary.activationBytes(),
                    summary.multiplyAdds());
        }
    }

    /** A layer; its output is null where the pass did not use it. */
    record LayerReport(
            String path,
            String type,
            int[] output,
            long parameters,
            long frozen,
            long states,
            long activationBytes,
            long multiplyAdds) {
        static LayerReport of(ModelSummary.Row row) {
            return new LayerReport(
                    row.path(),
                    row.type(),
                    row.output() == null ? null : row.output().toArray(),
                    row.parameters(),
                    row.frozen(),
                    row.states(),
                    row.activationBytes(),
                    row.multiplyAdds());
        }
    }

    @Override
    public Integer call() {
        options.check();
        json.check();
        SavedModel saved = options.saved(model);
        json.requireNone(NetOptions.files(saved));
        ModelSummary summary = ModelSummary.of(options.net(model, saved), options.input(saved));
        Screen screen = Screen.of(spec);
        screen.field("Model", model);
        screen.field("Input", options.input(saved));
        screen.line("");
        summary.toString().lines().forEach(screen::line);
        json.write(Report.of(model, options.input(saved).toArray(), summary));
        return ExitCodes.OK;
    }
}
