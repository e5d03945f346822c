package org.alborz.tck.golden.generator;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes every golden case as a JSON file, and {@code index.txt}, which names them. */
public final class GenerateGoldenValues {
    private GenerateGoldenValues() {}

    /**
     * Generates all cases and overwrites their files.
     *
     * @param arguments the folder to write to, which holds nothing else that ends in {@code .json}
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            throw new IllegalArgumentException(
                    "Expected the folder to write to as the only argument, got " + arguments.length);
        }
        Torch.useOneThread();
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        deleteOldCases(folder);
        List<GoldenCase> cases = cases();
        for (GoldenCase golden : cases) {
            Files.writeString(folder.resolve(golden.name() + ".json"), golden.toJson());
        }
        String index = cases.stream().map(GoldenCase::name).sorted().collect(Collectors.joining("\n", "", "\n"));
        Files.writeString(folder.resolve("index.txt"), index);
        System.out.println(cases.size() + " cases by " + Torch.versions() + " written to " + folder);
    }

    private static List<GoldenCase> cases() {
        return Stream.of(
                        LinearCases.all(),
                        ConvolutionCases.all(),
                        PoolingCases.all(),
                        BatchNormCases.all(),
                        ActivationCases.all(),
                        LossCases.all(),
                        ResidualCases.all(),
                        OptimizerCases.all(),
                        TrainingCases.all())
                .flatMap(List::stream)
                .toList();
    }

    private static void deleteOldCases(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }
}
