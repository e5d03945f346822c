package org.alborz.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    void theSourcesStayOutOfTheJar() {
        assertThat(KernelSource.class.getResource("unary/unary.ptx")).isNotNull();
        assertThat(KernelSource.class.getResource("unary/unary.cu")).isNull();
        assertThat(KernelSource.class.getResource("common/types.cuh")).isNull();
    }
}
