package org.alborz.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.alborz.backend.BackendUnavailableException;
import org.alborz.backend.Backends;
import org.alborz.backend.Probe;
import org.alborz.cuda.CudaBackend;
import org.alborz.cuda.CudaReport;
import org.alborz.cuda.natives.Host;
import org.alborz.cuda.natives.LibraryFolder;
import org.alborz.cuda.natives.RedistributableJar;
import org.alborz.nn.Precision;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Tells what this machine can run, and what to do about what it cannot. */
@Command(name = "doctor", description = "Tells what this machine can run, why not the rest, and what to do about it.")
final class DoctorCommand implements Callable<Integer> {
    private static final String CUDA = "cuda";

    /** Images of the step that shows the algorithms. */
    private static final int BATCH = 32;

    @Spec
    private CommandSpec spec;

    @ParentCommand
    private Alborz alborz;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            defaultValue = Backends.AUTO,
            description = "Fail with exit code 3 unless this backend can run (default: auto, any). Without it, what is"
                    + " missing for one backend is no failure where another can run.")
    private String backend;

    @Option(names = "--data", paramLabel = "DIR", description = "Check the CIFAR-10 in this directory (default: data).")
    private String data;

    @Option(
            names = "--install-cuda-libraries",
            paramLabel = "JAR",
            description = "First take cuBLAS and cuDNN out of a jar, such as org.bytedeco:cuda's with the classifier"
                    + " linux-x86_64-redist, into the cache where the CUDA backend looks for them.")
    private Path cudaJar;

    @Mixin
    private JsonOption json;

    /** What {@code --json} holds. */
    record Report(
            Machine machine,
            Findings.Vectors vectors,
            List<BackendState> backends,
            String auto,
            CudaReport cuda,
            Findings.Folder temporary,
            Findings.Cifar cifar10) {}

    /** A backend; device where it is usable, reason and remedy where it is not, or not well. */
    record BackendState(String name, boolean usable, String device, String reason, String remedy) {
        static BackendState of(Backends.Candidate candidate) {
            if (candidate.probe() instanceof Probe.Unusable no) {
                return new BackendState(candidate.name(), false, null, no.reason(), no.remedy());
            }
            if (candidate.probe() instanceof Probe.Discouraged slow) {
                return new BackendState(candidate.name(), true, slow.device(), slow.reason(), slow.remedy());
            }
            return new BackendState(candidate.name(), true, ((Probe.Usable) candidate.probe()).device(), null, null);
        }
    }

    @Override
    public Integer call() {
        json.check();
        if (cudaJar != null) {
            json.requireNone(List.of(cudaJar));
        }
        if (data != null) {
            json.requireNoneOf(new ImageSource(data, 0));
        }
        if (cudaJar != null) {
            installCudaLibraries();
        }
        Backends backends = Backends.find();
        List<BackendState> states =
                backends.candidates().stream().map(BackendState::of).toList();
        String auto = backends.preferred().map(Backends.Candidate::name).orElse(null);
        Report report = new Report(
                Machine.ofThis(),
                Findings.Vectors.ofThisJvm(),
                states,
                auto,
                CudaReport.ofThisMachine(),
                Findings.Folder.temporary(),
                Findings.Cifar.in(data));
        print(report);
        json.write(report);
        if (alborz.isVerbose()) {
            printAlgorithms(states);
        }
        if (data != null && !report.cifar10().found()) {
            throw new CommandFailure(ExitCodes.DATA, report.cifar10().text());
        }
        requireBackend(states);
        return ExitCodes.OK;
    }

    private void installCudaLibraries() {
        Screen screen = Screen.of(spec);
        try {
            RedistributableJar.requireUsable(cudaJar);
            LibraryFolder folder = LibraryFolder.make(Host.ofThis());
            folder.remedy().ifPresent(screen::line);
            RedistributableJar.install(cudaJar, folder.path())
                    .forEach((name, bytes) -> screen.line(
                            "%,6d MiB %s", bytes >> 20, folder.path().resolve(name)));
        } catch (IOException e) {
            throw new CommandFailure(ExitCodes.DATA, e.getMessage(), e);
        }
    }

    private void print(Report report) {
        Screen screen = Screen.of(spec);
        Machine machine = report.machine();
        screen.field("Alborz", machine.alborz());
        screen.field("Java", machine.java() + ", " + machine.vendor());
        screen.field("System", machine.os());
        screen.field("CPU", machine.cpu() + ", " + machine.processors() + " processors for Java");
        screen.field(
                "Memory", String.format(Locale.ROOT, "the Java heap may take %,d MiB", machine.maxHeapBytes() >> 20));
        screen.field("Vector API", report.vectors().text());
        screen.field("Temporary", report.temporary().text());
        screen.field("CIFAR-10", report.cifar10().text());
        screen.line("");
        screen.line("Backends, the most preferred first:");
        for (BackendState state : report.backends()) {
            print(screen, state, state.name().equals(report.auto()));
        }
        screen.line("");
        screen.line("CUDA in detail:");
        new CudaSection(report.cuda()).lines().forEach(screen::line);
    }

    private void printAlgorithms(List<BackendState> states) {
        Screen screen = Screen.of(spec);
        screen.line("");
        if (states.stream().noneMatch(state -> state.name().equals(CUDA) && state.usable())) {
            screen.line("No algorithms of cuDNN: the backend cuda cannot run.");
            return;
        }
        screen.line("Algorithms of cuDNN in a step of cifar-cnn on %d images, float32:", BATCH);
        algorithms(() -> Session.open(CUDA), Precision.full()).forEach(line -> screen.line("  %s", line));
        screen.line("In mixed bfloat16, with the engines of cuDNN's graph API:");
        algorithms(() -> Session.open(CUDA), Precision.mixed(DType.BFLOAT16))
                .forEach(line -> screen.line("  %s", line));
    }

    /**
     * Trains one step on the GPU and returns the algorithms that cuDNN took for its convolutions, then the engines of its graph API for convolutions and what
     * follows them, or what failed and a remedy.
     */
    static List<String> algorithms(Supplier<Session> opener, Precision precision) {
        try (Session session = opener.get();
                Workload steps = Workload.training(session, "cifar-cnn", precision, BATCH, new Adam(1e-3), false)) {
            steps.rate(0); // one
            CudaBackend backend = (CudaBackend) session.backend();
            return Stream.concat(backend.algorithms().stream(), backend.engines().stream())
                    .map(Object::toString)
                    .toList();
        } catch (RuntimeException | LinkageError e) { // a finding like others: the report above stands
            return List.of(
                    "not known, since the step failed: " + e,
                    "Remedy: end other programs on the GPU (nvidia-smi lists them) and try again; where it fails once more, "
                            + "./alborz bench --backend cuda --verbose shows where.");
        }
    }

    private static void print(Screen screen, BackendState state, boolean auto) {
        if (state.usable()) {
            screen.line("  %-11s ok: %s%s", state.name(), state.device(), auto ? "   <- auto takes this one" : "");
            if (state.reason() != null) {
                screen.line("  %-11s     But: %s", "", state.reason());
                screen.line("  %-11s     Remedy: %s", "", state.remedy());
            }
        } else {
            screen.line("  %-11s no: %s", state.name(), state.reason());
            screen.line("  %-11s     Remedy: %s", "", state.remedy());
        }
    }

    private void requireBackend(List<BackendState> states) {
        if (backend.equals(Backends.AUTO)) {
            if (states.stream().noneMatch(BackendState::usable)) {
                throw new BackendUnavailableException("No backend can run here; the reasons stand above.");
            }
            return;
        }
        BackendState asked = states.stream()
                .filter(state -> state.name().equals(backend))
                .findFirst()
                .orElseThrow(() ->
                        new BackendUnavailableException("Backend '" + backend + "' does not exist; expected one of "
                                + states.stream().map(BackendState::name).toList()));
        if (!asked.usable()) {
            throw new BackendUnavailableException(
                    "Backend '" + backend + "' cannot run: " + asked.reason() + " Remedy: " + asked.remedy());
        }
    }
}
