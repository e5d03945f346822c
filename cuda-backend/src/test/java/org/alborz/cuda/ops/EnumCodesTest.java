package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.ReduceOp;
import org.alborz.backend.UnaryOp;
import org.alborz.cuda.SoftwareGpu;
import org.alborz.cuda.driver.Context;
import org.alborz.cuda.driver.CudaException;
import org.alborz.cuda.driver.Launcher;
import org.alborz.cuda.driver.Modules;
import org.alborz.cuda.memory.DevicePool;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The codes of functions mean the same in Java and in the kernels, and a kernel refuses one that it does not know. */
final class EnumCodesTest {
    private static final Path KERNELS = Path.of("../kernels");
    private static final Map<String, Enum<?>[]> ENUMS = Map.of(
            "UnaryOp", UnaryOp.values(),
            "BinaryOp", BinaryOp.values(),
            "Comparison", Comparison.values(),
            "ReduceOp", ReduceOp.values(),
            "Activation", Activation.values());

    /** Integers of a {@code Pool}, with which one pixel is computed where each is 1. */
    private static final int POOL_FIELDS = 19;

    /** A line of kernels/README.md such as {@code unary_T(UnaryOp op, double p, const T* x, T* y, long long n)}. */
    private static final Pattern KERNEL = Pattern.compile("    (\\w+)_[TE]\\((.*)\\)");

    private record Signature(String kernel, List<String> types) {}

    @ParameterizedTest
    @MethodSource("enums")
    void theDeviceHasTheConstantsOfJava(String name) throws IOException {
        Matcher device = Pattern.compile("enum class " + name + " : int \\{([^}]*)}")
                .matcher(Files.readString(KERNELS.resolve("common/enums.cuh")));
        assertThat(device.find()).as("%s in enums.cuh", name).isTrue();
        assertThat(Arrays.stream(device.group(1).split(",")).map(String::strip))
                .as("constants of %s; run kernels/build", name)
                .containsExactly(Arrays.stream(ENUMS.get(name)).map(Enum::name).toArray(String[]::new));
    }

    private static Stream<String> enums() {
        return ENUMS.keySet().stream().sorted();
    }

    @Test
    void kernelsTakeEveryEnum() throws IOException {
        assertThat(signatures().stream().flatMap(s -> s.types().stream()).filter(ENUMS::containsKey))
                .containsAll(ENUMS.keySet())
                .hasSizeGreaterThan(10);
    }

    @TestFactory
    Stream<DynamicTest> anUnknownCodeIsReported() throws IOException {
        return signatures().stream()
                .map(signature -> dynamicTest(signature.kernel(), () -> {
                    int codes = signature.types().stream()
                            .filter(ENUMS::containsKey)
                            .mapToInt(type -> ENUMS.get(type).length)
                            .findFirst()
                            .orElseThrow();
                    assertThatCode(() -> launch(signature, codes - 1)).doesNotThrowAnyException();
                    for (int unknown : new int[] {codes, -1}) {
                        assertThatThrownBy(() -> launch(signature, unknown))
                                .as("code %d", unknown)
                                .isInstanceOf(CudaException.class)
                                .hasMessageContaining("LAUNCH_FAILED");
                    }
                }));
    }

    /** Runs a kernel on operands of one element. */
    private static void launch(Signature signature, int code) {
        SoftwareGpu.device();
        try (Context device = new Context(0)) { // a failed kernel leaves it unusable, and all else goes with it
            org.alborz.cuda.driver.Stream stream = new org.alborz.cuda.driver.Stream(device);
            Launcher launcher = new Launcher(stream);
            long memory =
                    new DevicePool(stream, false).allocate(DType.FLOAT32, 64).at(0);
            OffsetCalculator axes = new OffsetCalculator().over(Layout.rowMajor(Shape.of(1)));
            launcher.kernel(new Modules(device).kernel(signature.kernel() + "_f32"));
            for (String type : signature.types()) {
                switch (type) {
                    case "long long" -> launcher.value(1L);
                    case "int" -> launcher.value(1);
                    case "double" -> launcher.value(1.0);
                    case "OffsetCalculator" -> axes.passTo(launcher);
                    case "Pool" -> {
                        launcher.integers(POOL_FIELDS);
                        for (int field = 0; field < POOL_FIELDS; field++) {
                            launcher.field(1);
                        }
                    }
                    case "const unsigned char*" -> launcher.address(0); // a gate, with which an activation is not asked
                    default -> {
                        if (type.endsWith("*")) {
                            launcher.address(memory);
                        } else {
                            launcher.value(code);
                        }
                    }
                }
            }
            launcher.launch(1, LaunchContext.THREADS);
            stream.synchronize();
        }
    }

    /** Returns the kernels that take one of the enums. */
    private static List<Signature> signatures() throws IOException {
        List<Signature> signatures = new ArrayList<>();
        for (String line : Files.readAllLines(KERNELS.resolve("README.md"))) {
            Matcher kernel = KERNEL.matcher(line);
            if (kernel.matches()) {
                List<String> types = Arrays.stream(kernel.group(2).split(", "))
                        .map(parameter -> parameter.substring(0, parameter.lastIndexOf(' ')))
                        .toList();
                if (types.stream().anyMatch(ENUMS::containsKey)) {
                    signatures.add(new Signature(kernel.group(1), types));
                }
            }
        }
        return signatures;
    }
}
