package org.alborz.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.stream.Collectors;
import org.alborz.backend.BackendUnavailableException;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

class SessionBuilderTest {
    @Test
    void opensWhatOpenOpens() {
        try (Session session = Session.builder("cpu-scalar").open()) {
            assertThat(session.backend().name()).isEqualTo("cpu-scalar");
            assertThat(session.dtype()).isEqualTo(DType.FLOAT32);
        }
    }

    @Test
    void takesTheSettings() {
        Set<Thread> before = workers();
        try (Session session = Session.builder("cpu-vector")
                .threads(4)
                .dtype(DType.FLOAT64)
                .poison()
                .open()) {
            assertThat(workers().stream().filter(thread -> !before.contains(thread)))
                    .hasSize(3);
            assertThat(session.ones(Shape.of(1)).dtype()).isEqualTo(DType.FLOAT64);
            assertThat(session.empty(DType.FLOAT64, Layout.rowMajor(Shape.of(2)))
                            .toDoubles())
                    .containsOnly(Double.NaN);
        }
    }

    private static Set<Thread> workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("alborz-cpu-"))
                .collect(Collectors.toSet());
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Session.builder("cpu-vector").threads(-1))
                .withMessageContaining("0 to 4096 threads, got -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Session.builder("cpu-scalar").device(-1))
                .withMessageContaining("a device from 0, got -1");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Session.builder("cpu-scalar").dtype(DType.INT32).open())
                .withMessageContaining("floating data type");
        assertThatThrownBy(() -> Session.builder("abacus").open()).isInstanceOf(BackendUnavailableException.class);
    }
}
