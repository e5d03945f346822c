package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.FloatBuffer;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An index outside of its axis is reported where the host waits next, once. */
final class IndexFaultsTest extends OnSoftwareGpu {
    private final TestOperand x = floats(Shape.of(5, 2));
    private final TestOperand y = floats(Shape.of(3, 2));

    private TestOperand floats(Shape shape) {
        float[] values = new float[(int) shape.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return operand(DType.FLOAT32, FloatBuffer.wrap(values), Layout.rowMajor(shape));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aGatherIsReportedByTheNextWait(boolean deferred) {
        device.deferred(deferred);
        backend.indexing().gather(0, x, integers(4, 7, 1), y);
        assertThatThrownBy(backend::synchronize)
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("expected 0 to 4, got 7");
        assertThatCode(backend::synchronize).doesNotThrowAnyException();
        float[] values = new float[6];
        backend.download(y.buffer(), 0, FloatBuffer.wrap(values));
        assertThat(values).containsExactly(8, 9, 0, 0, 2, 3);
    }

    @Test
    void aDownloadReportsItAsWell() {
        backend.indexing().gather(0, x, integers(0, 1, -1), y);
        FloatBuffer target = FloatBuffer.allocate(6);
        assertThatThrownBy(() -> backend.download(y.buffer(), 0, target))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("expected 0 to 4, got -1");
        assertThatCode(() -> backend.download(y.buffer(), 0, target)).doesNotThrowAnyException();
    }

    @Test
    void ofSeveralOneIsReportedAndOneOnly() {
        backend.indexing().gather(0, x, integers(5, 6, 7), y);
        backend.indexing().gather(0, x, integers(8, 9, 10), y);
        assertThatThrownBy(backend::synchronize)
                .hasMessageMatching(".*expected 0 to 4, got [567] at position [0-9]+\\..*");
        assertThatCode(backend::synchronize).doesNotThrowAnyException();
        backend.indexing().gather(0, x, integers(0, 0, 11), y);
        assertThatThrownBy(backend::synchronize).hasMessageContaining("got 11");
    }

    @Test
    void addingAndOneHotReportThemToo() {
        backend.indexing().scatterAdd(0, y, integers(0, 5, 1), x);
        assertThatThrownBy(backend::synchronize).hasMessageContaining("expected 0 to 4, got 5");
        backend.indexing().oneHot(integers(0, 1, 2), y);
        assertThatThrownBy(backend::synchronize).hasMessageContaining("expected 0 to 1, got 2");
    }

    @Test
    void indicesWithinTheirAxisAreSilent() {
        backend.indexing().gather(0, x, integers(0, 4, 2), y);
        backend.indexing().scatterAdd(0, y, integers(0, 4, 2), x);
        backend.indexing().oneHot(integers(0, 1, 0), y);
        assertThatCode(backend::synchronize).doesNotThrowAnyException();
    }
}
