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
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The kernels in PTX, the text that a CUDA driver compiles for the GPU in use, and as cubins, machine code for some GPUs, where
 * {@code kernels/build --cubins} has assembled it.
 *
 * <p>Each operation has a file of its own, so that only those in use need to be compiled. What the kernels take and how they are
 * launched stands in {@code kernels/README.md}.
 */
public final class KernelSource {
    private static final String STAMP = "// source-sha256: ";

    private final Function<String, InputStream> resources;
    private final List<String> names;
    private final Map<String, String> operations;

    private KernelSource(Function<String, InputStream> resources, List<String> names, Map<String, String> operations) {
        this.resources = resources;
        this.names = names;
        this.operations = operations;
    }

    /**
     * Machine code of an operation's kernels.
     *
     * @param architecture the GPUs it is for, such as {@code sm_90}
     * @param code an ELF file
     */
    @SuppressWarnings("ArrayRecordComponent") // handed to the driver and not compared
    public record Cubin(String architecture, byte[] code) {}

    /** Reads which kernels there are. */
    public static KernelSource read() {
        return read(KernelSource.class::getResourceAsStream);
    }

    /** Reads which kernels there are in other resources: a function that opens a file by its path, such as {@code unary/unary.ptx}, or returns null. */
    public static KernelSource read(Function<String, InputStream> resources) {
        List<String> lines = text(resources, "index.txt").lines().toList();
        Map<String, String> operations = new LinkedHashMap<>();
        for (String line : lines) {
            List<String> words = List.of(line.split(" "));
            words.subList(1, words.size()).forEach(kernel -> operations.put(kernel, words.get(0)));
        }
        return new KernelSource(
                resources,
                List.copyOf(operations.values().stream().distinct().toList()),
                Collections.unmodifiableMap(operations));
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
        return text(resources, name + "/" + name + ".ptx");
    }

    /**
     * Returns machine code of an operation for GPUs of a compute capability: built for the same major number, and for no higher minor one. Empty
     * where there is none, or where it was not made from the source of the PTX.
     *
     * @param name one of {@link #names}
     */
    public Optional<Cubin> cubin(String name, int major, int minor) {
        return architecture(major, minor)
                .filter(sm -> index(sm).contains(entry(name)))
                .map(sm -> new Cubin(sm, bytes(resources, sm + "/" + name + ".cubin")));
    }

    /** Returns how many of the operations have machine code for GPUs of a compute capability: those that {@link #cubin} returns some of. */
    public int cubins(int major, int minor) {
        Set<String> index = architecture(major, minor).map(this::index).orElse(Set.of());
        return Math.toIntExact(
                names.stream().filter(name -> index.contains(entry(name))).count());
    }

    private Set<String> index(String architecture) {
        return text(resources, architecture + "/index.txt").lines().collect(Collectors.toSet());
    }

    /** Returns the line of an operation in an index of machine code that was made of the source of its PTX. */
    private String entry(String name) {
        return name + " " + ptx(name).lines().findFirst().orElse("").replace(STAMP, "");
    }

    /**
     * Returns the name of the machine code that GPUs of a compute capability can run, such as {@code sm_90}; empty where they need PTX. It need
     * not have all operations ({@link #cubins}).
     */
    public Optional<String> architecture(int major, int minor) {
        for (int lower = minor; lower >= 0; lower--) {
            String sm = "sm_" + major + lower;
            try (InputStream index = resources.apply(sm + "/index.txt")) {
                if (index != null) {
                    return Optional.of(sm);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return Optional.empty();
    }

    private static String text(Function<String, InputStream> resources, String path) {
        return new String(bytes(resources, path), StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(Function<String, InputStream> resources, String path) {
        try (InputStream stream = resources.apply(path)) {
            if (stream == null) {
                throw new FileNotFoundException(
                        "The kernels' jar lacks " + path + ". Use an unchanged alborz-kernels.");
            }
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
