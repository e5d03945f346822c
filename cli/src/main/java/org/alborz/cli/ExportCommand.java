package org.alborz.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.alborz.checkpoint.Weights;
import org.alborz.data.DataException;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the weights of a run for other programs. */
@Command(
        name = "export",
        description =
                "Writes the weights of a trained net, without the state of its training, for other programs: as a safetensors file,"
                        + " or as an archive of NumPy's. Names, shapes and order of elements are PyTorch's.",
        footer = {
            "",
            "Examples:",
            "  ./alborz export runs/NAME --out resnet20.safetensors    safetensors.torch.load_file reads it",
            "  ./alborz export runs/NAME/last.safetensors --out last.npz    numpy.load reads it"
        })
final class ExportCommand implements Callable<Integer> {
    /** What can be written, by the end of a file's name. */
    enum Format {
        SAFETENSORS,
        NPZ;

        private static final List<String> NAMES =
                Arrays.stream(values()).map(Format::label).toList();

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Format named(String option, String name) {
            return valueOf(OptionChecks.oneOf(option, name, NAMES).toUpperCase(Locale.ROOT));
        }
    }

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "RUN|CHECKPOINT",
            description = "The folder of a run, whose best weights are taken, or a checkpoint in it.")
    private Path source;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "The file to write.")
    private Path out;

    @Option(
            names = "--format",
            paramLabel = "NAME",
            description = "safetensors or npz (default: as the name of --out ends).")
    private String formatName;

    @Mixin
    private JsonOption json;

    /** What {@code --json} holds. */
    record Report(
            String checkpoint, String model, int epochs, String file, String format, long bytes, List<Entry> tensors) {}

    /** A tensor of the file. */
    record Entry(String name, String dtype, int[] shape) {
        /** Describes a tensor as a format holds it. */
        static Entry of(String name, DType type, Shape shape, Format format) {
            DType written = format == Format.NPZ ? NpzFile.written(type) : type;
            return new Entry(name, written.toString().toLowerCase(Locale.ROOT), shape.toArray());
        }
    }

    @Override
    public Integer call() {
        json.check();
        WritablePlace.requireFile("--out", out);
        Format format = format();
        Path checkpoint = Files.isDirectory(source) ? weightsOf(new RunFolder(source)) : source;
        List<Path> used = RunFolder.filesBeside(checkpoint);
        for (Path file : used) {
            if (WritablePlace.isSame(out, file)) {
                throw CommandFailure.usage("--out expects a file of its own, got '" + out
                        + "', which is a file of the run; choose another");
            }
        }
        json.requireNone(used);
        json.requireNone(List.of(out));
        SavedModel saved = SavedModel.read(checkpoint);
        try (Session session = Session.open("cpu-scalar");
                Model model = saved.open(session)) {
            switch (format) {
                case SAFETENSORS -> Weights.save(out.toAbsolutePath(), model, saved.description());
                case NPZ -> NpzFile.write(out, model.parameters());
            }
            Report report = new Report(
                    checkpoint.toString(),
                    saved.settings().model(),
                    saved.epochs(),
                    out.toString(),
                    format.label(),
                    out.toFile().length(),
                    entries(model.parameters(), format));
            print(report);
            json.write(report);
        }
        return ExitCodes.OK;
    }

    private Format format() {
        if (formatName != null) {
            return Format.named("--format", formatName);
        }
        String name = out.toString().toLowerCase(Locale.ROOT);
        return Arrays.stream(Format.values())
                .filter(format -> name.endsWith("." + format.label()))
                .findFirst()
                .orElseThrow(() -> CommandFailure.usage("--out expects a name that ends with one of "
                        + Format.NAMES.stream().map(end -> "." + end).toList() + ", got '" + out
                        + "'; choose such a name, or say what to write with --format"));
    }

    private static Path weightsOf(RunFolder folder) {
        RunReport run = new RunReport(folder);
        run.requireRun();
        Path weights = run.weights();
        if (weights == null) {
            throw new DataException(
                    "The run in " + folder.path() + " has saved no weights yet; wait for the end of its first epoch");
        }
        return weights;
    }

    private static List<Entry> entries(Map<String, Parameter> parameters, Format format) {
        return parameters.entrySet().stream()
                .map(entry -> {
                    Tensor value = entry.getValue().value();
                    return Entry.of(entry.getKey(), value.dtype(), value.shape(), format);
                })
                .toList();
    }

    private void print(Report report) {
        Screen.of(spec)
                .line(
                        "Wrote %s: %d tensors of %s after epoch %d, %,d bytes",
                        report.file(), report.tensors().size(), report.model(), report.epochs(), report.bytes());
    }
}
