package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

class FloatRowsTest {
    /** A call that fails does not end its operands. */
    @Test
    void nothingOfAnEarlierOperandIsLeft() {
        try (Session session = Session.open("cpu-vector");
                Scope scope = session.scope("test")) {
            FloatRows rows = new FloatRows(Workspace.Use.values()[0]);
            rows.set(session.ones(Shape.of(3)).to(DType.FLOAT16));
            assertThat(rows.isNarrow()).isTrue();
            rows.set(session.ones(Shape.of(3)));
            assertThat(rows.isNarrow()).isFalse();
            rows.set(null);
            assertThat(rows.isSet()).isFalse();
        }
    }
}
