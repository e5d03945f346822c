package org.alborz.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class KernelSourceTest {
    private final KernelSource source = KernelSource.read();

    @Test
    void everyOperationHasPtx() {
        assertThat(source.names()).isSorted().contains("adam", "unary", "where");
        assertThat(source.names())
                .allSatisfy(name -> assertThat(source.ptx(name))
                        .startsWith("// source-sha256: ")
                        .contains(".visible .entry "));
    }

    @Test
    void aKernelIsInThePtxOfItsOperation() {
        assertThat(source.operation("unary_strided_bf16")).isEqualTo("unary");
        assertThat(source.operation("max_pool_f32")).isEqualTo("pooling");
        assertThat(source.ptx("pooling")).contains(".entry max_pool_f32(");
    }

    @Test
    void unknownNamesAreRefused() {
        assertThatThrownBy(() -> source.ptx("unary_f32"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("No operation 'unary_f32' has kernels; expected one of [accumulate, adam, ");
        assertThatThrownBy(() -> source.operation("unary_i32"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("No operation has a kernel 'unary_i32'");
    }

    @Test
    void machineCodeIsTakenForItsGpusAndOnlyWhenItIsOfTheSameSource() {
        String stamp = source.ptx("unary").lines().findFirst().orElseThrow().substring("// source-sha256: ".length());
        KernelSource some = KernelSource.read(path -> switch (path) {
            case "sm_80/index.txt", "sm_90/index.txt" -> text("adam 0000\nunary " + stamp + "\n");
            case "sm_80/unary.cubin", "sm_90/unary.cubin", "sm_90/adam.cubin" -> text(path);
            default -> path.startsWith("sm_") ? null : KernelSource.class.getResourceAsStream(path);
        });
        assertThat(some.cubin("unary", 8, 0)).hasValueSatisfying(cubin -> {
            assertThat(cubin.architecture()).isEqualTo("sm_80");
            assertThat(cubin.code()).asString(StandardCharsets.US_ASCII).isEqualTo("sm_80/unary.cubin");
        });
        assertThat(some.architecture(8, 9)).hasValue("sm_80");
        assertThat(some.architecture(9, 0)).hasValue("sm_90");
        assertThat(some.cubin("adam", 9, 0)).as("made of another source").isEmpty();
        assertThat(some.cubins(8, 9)).as("only that of the same source").isEqualTo(1);
        assertThat(some.cubins(7, 5)).isZero();
        assertThat(some.cubin("unary", 7, 5)).isEmpty();
        assertThat(some.cubin("unary", 12, 0)).isEmpty();
    }

    private static InputStream text(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void theSourcesStayOutOfTheJar() {
        assertThat(KernelSource.class.getResource("unary/unary.ptx")).isNotNull();
        assertThat(KernelSource.class.getResource("unary/unary.cu")).isNull();
        assertThat(KernelSource.class.getResource("common/types.cuh")).isNull();
    }
}
