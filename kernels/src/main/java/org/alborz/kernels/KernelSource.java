package org.alborz.kernels;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The kernels in PTX, the text that a CUDA driver compiles for the GPU in use.
 *
 * <p>Each operation has a file of its own, so that only those in use need to be compiled. What the kernels take and how they are
 * launched stands in {@code kernels/README.md}.
 */
public final class KernelSource {
    private final List<String> names;
    private final Map<String, String> operations;

    private KernelSource(List<String> names, Map<String, String> operations) {
        this.names = names;
        this.operations = operations;
    }

    /** Reads which kernels there are. */
    public static KernelSource read() {
        List<String> lines = resource("index.txt").lines().toList();
        Map<String, String> operations = new LinkedHashMap<>();
        for (String line : lines) {
            List<String> words = List.of(line.split(" "));
            words.subList(1, words.size()).forEach(kernel -> operations.put(kernel, words.get(0)));
        }
        return new KernelSource(
                List.copyOf(operations.values().stream().distinct().toList()), Collections.unmodifiableMap(operations));
    }

    /** Returns the names of the operations, such as {@code unary}, in alphabetical order. */
    public List<String> names() {
        return names;
    }

    /**
     * Returns the operation whose file holds a kernel: {@code unary} for {@code unary_strided_f16}.
     *
     * @throws IllegalArgumentException when there is no such kernel
     */
    public String operation(String kernel) {
        String operation = operations.get(kernel);
        if (operation == null) {
            throw new IllegalArgumentException(
                    "No operation has a kernel '" + kernel
                            + "'; expected one that kernels/README.md names. Compile the kernels with kernels/build if it is new.");
        }
        return operation;
    }

    /**
     * Returns the PTX of an operation.
     *
     * @param name one of {@link #names}
     * @throws IllegalArgumentException when there is no such operation
     */
    public String ptx(String name) {
        if (!names.contains(name)) {
            throw new IllegalArgumentException(
                    "No operation '" + name + "' has kernels; expected one of " + names + ".");
        }
        return resource(name + "/" + name + ".ptx");
    }

    private static String resource(String path) {
        try (InputStream stream = KernelSource.class.getResourceAsStream(path)) {
            if (stream == null) {
                throw new FileNotFoundException(
                        "The kernels' jar lacks " + path + ". Use an unchanged alborz-kernels.");
            }
            return new String(stream.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
