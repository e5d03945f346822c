package org.alborz.gpucheck;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes the tables of {@code tools/gpu-first-run} from what its stages have written so far; it runs after each of them. */
public final class FirstRunReport {
    /** One line a stage: its name, the verdict, seconds, and the limit in seconds, with tabs between them. */
    static final String STAGES = "stages.tsv";

    static final String KERNELS = "kernels.csv";
    static final String TABLES = "gpu-results.md";
    static final String RESULTS = "results.json";

    private static final int WRONG_USAGE = 2;

    private FirstRunReport() {}

    /** A stage that has ended. */
    record Stage(String name, String verdict, String seconds, String limit) {}

    /** What {@code results.json} holds. */
    record Results(List<Stage> stages, Map<String, GpuCheck.Report> reports) {}

    /**
     * Writes {@code gpu-results.md} and {@code results.json}.
     *
     * @param arguments the folder with a report of {@code gpu-check} for each stage that made one ({@code NAME.json}), and the folder with
     *     {@code stages.tsv} and perhaps {@code kernels.csv}, into which the results go
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            System.err.println("FirstRunReport expects the folder of the stages' reports and the folder for results");
            System.exit(WRONG_USAGE);
        }
        write(Path.of(arguments[0]), Path.of(arguments[1]));
    }

    static void write(Path reports, Path out) throws IOException {
        List<Stage> stages = stages(out.resolve(STAGES));
        List<String> unreadable = new ArrayList<>();
        Map<String, GpuCheck.Report> found = new LinkedHashMap<>();
        for (Stage stage : stages) {
            Path json = reports.resolve(stage.name() + ".json");
            if (Files.exists(json)) {
                try {
                    found.put(stage.name(), new ObjectMapper().readValue(json.toFile(), new TypeReference<>() {}));
                } catch (IOException e) { // the process was ended while it wrote
                    unreadable.add(stage.name());
                }
            }
        }
        List<KernelTime> kernels = KernelTime.read(out.resolve(KERNELS));
        Files.writeString(out.resolve(TABLES), new FirstRunTables(stages, found, unreadable, kernels).markdown());
        new ObjectMapper()
                .writer(SerializationFeature.INDENT_OUTPUT)
                .writeValue(out.resolve(RESULTS).toFile(), new Results(stages, found));
    }

    private static List<Stage> stages(Path file) throws IOException {
        List<Stage> stages = new ArrayList<>();
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            String[] cells = line.split("\t");
            if (cells.length != 4) {
                throw new IOException(file + " expects a stage, its verdict, seconds and a limit in a line, got '"
                        + line + "'; do not change it");
            }
            stages.add(new Stage(cells[0], cells[1], cells[2], cells[3]));
        }
        return stages;
    }
}
