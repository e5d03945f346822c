package org.alborz.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.alborz.backend.BackendOptions;
import org.alborz.graph.Graph;
import org.alborz.graph.GraphComparison;
import org.alborz.nn.Model;
import org.alborz.ops.Observation;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Finds the first operation in which two backends, or two checkpoints, part. */
@Command(
        name = "bisect",
        description =
                "Does an evaluation and a training step, forward and backward, on two backends side by side, operation by operation,"
                        + " and names the first whose results differ, or that makes a NaN: its layer, the element, and both values.",
        footer = {
            "",
            "Each operation gets the first backend's inputs, so a difference is its own. Between two checkpoints of one net",
            "each continues with its own results. Exit code 1 says that they differ or that there is a NaN.",
            "",
            "Examples:",
            "  ./alborz bisect resnet20 --backends cpu-scalar,cuda",
            "  ./alborz bisect runs/NAME/best.safetensors --backends cpu-scalar,cpu-vector",
            "  ./alborz bisect runs/A/best.safetensors runs/B/best.safetensors"
        })
final class BisectCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description = "The name of a net, as train takes it, or a checkpoint of train.")
    private String model;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "CHECKPOINT",
            description = "A second checkpoint, of the same net, to compare the first with.")
    private String second;

    @Option(
            names = "--backends",
            split = ",",
            paramLabel = "NAME",
            description = "The reference and what is compared with it (default: cpu-scalar,cpu-vector); for two"
                    + " checkpoints one, where both are computed (default: auto).")
    private List<String> backends;

    @Option(
            names = "--tolerance",
            paramLabel = "X",
            defaultValue = "1e-4",
            description =
                    "How large a difference may be, relative to the largest element of the result (default: 1e-4).")
    private double tolerance;

    @Mixin
    private NetOptions options;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Decides images, labels and the" + " weights of a net by name (default: 1).")
    private long seed;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        options.check();
        json.check();
        OptionChecks.atLeastZero("--tolerance", tolerance, 1e30);
        SavedModel saved = options.saved(model);
        SavedModel other = second == null ? null : options.saved(second);
        if (second != null && (saved == null || other == null)) {
            throw CommandFailure.usage("bisect compares a checkpoint with a checkpoint, got '" + model + "' and '"
                    + second + "'; leave the second out to compare backends");
        }
        json.requireNone(NetOptions.files(saved, other));
        List<String> chosen = backends();
        Screen screen = Screen.of(spec);
        Shape input = options.input(saved);
        screen.field("Model", second == null ? model : model + " and " + second);
        screen.field("Input", input);
        List<BisectFinding> findings = new ArrayList<>();
        try (Session reference = open(chosen.get(0));
                Model first = model(reference, saved)) {
            screen.field("Reference", BackendOption.describe(reference));
            Bisection bisection = new Bisection(first, input, seed);
            if (other != null) {
                compareCheckpoints(chosen.get(0), other, bisection, findings);
            } else {
                compareBackends(chosen.subList(1, chosen.size()), reference, bisection, findings);
            }
        }
        findings.forEach(finding -> finding.lines().forEach(screen::line));
        json.write(findings);
        return findings.stream().allMatch(BisectFinding::isAlike) ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private List<String> backends() {
        List<String> usual = second == null ? List.of("cpu-scalar", "cpu-vector") : List.of("auto");
        List<String> chosen = backends == null ? usual : backends;
        if (second == null ? chosen.size() < 2 : chosen.size() != 1) {
            throw CommandFailure.usage("--backends expects "
                    + (second == null ? "two or more, the reference first" : "one for two checkpoints") + ", got "
                    + String.join(",", chosen));
        }
        return chosen;
    }

    private static Session open(String backend) {
        return Session.open(backend, BackendOptions.defaults(), DType.FLOAT32);
    }

    private Model model(Session session, SavedModel saved) {
        return saved == null ? Model.create(session, options.net(model, null), seed) : saved.open(session);
    }

    private void compareBackends(
            List<String> names, Session reference, Bisection bisection, List<BisectFinding> findings) {
        for (String name : names) {
            try (Session session = open(name)) {
                for (Bisection.Step step : Bisection.Step.values()) {
                    Graph graph = bisection.graph(step);
                    GraphComparison comparison = shown(reference, graph, () -> graph.compare(reference, session));
                    findings.add(BisectFinding.of(
                            session.backend().name(), step.name().toLowerCase(Locale.ROOT), comparison, tolerance));
                }
            }
        }
    }

    private void compareCheckpoints(
            String backend, SavedModel other, Bisection bisection, List<BisectFinding> findings) {
        try (Session session = open(backend);
                Model model = other.open(session)) {
            Bisection second = new Bisection(model, options.input(other), seed);
            for (Bisection.Step step : Bisection.Step.values()) {
                Graph graph = second.graph(step);
                Graph first = bisection.graph(step);
                Session reference = bisection.model().session();
                GraphComparison comparison = shown(reference, first, () -> first.compare(reference, graph, session));
                findings.add(BisectFinding.of(
                        other.file().toString(), step.name().toLowerCase(Locale.ROOT), comparison, tolerance));
            }
        }
    }

    /** Compares, and shows how far it is by the operations that the reference has done. */
    private GraphComparison shown(Session reference, Graph graph, Supplier<GraphComparison> comparing) {
        int[] done = new int[1];
        try (Progress progress = Progress.start(
                        Screen.of(spec),
                        "comparing",
                        "operations",
                        graph.steps().size());
                Observation counting = reference.observe(operation -> progress.to(++done[0]))) {
            return comparing.get();
        }
    }
}
