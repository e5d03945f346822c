package org.alborz.benchmarks.peers;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * What a {@link RowFunction} reads; the letters are those of its script.
 *
 * @param x in [−4, 4), {@code [ROWS, COLUMNS]}, as are the next two
 * @param z other such numbers
 * @param positive p, in (0, 4]
 * @param row r, {@code [COLUMNS]}
 * @param column c, {@code [ROWS, 1]}
 * @param mask m, whether x &lt; z
 * @param otherMask n, whether x &gt; 0
 * @param rows i, a row for each row
 * @param columns j, a column for each column
 * @param labels l, a column for each row
 * @param float16 h, x in 16 bits
 * @param bfloat16 b, likewise
 */
record RowInputs(
        Tensor x,
        Tensor z,
        Tensor positive,
        Tensor row,
        Tensor column,
        Tensor mask,
        Tensor otherMask,
        Tensor rows,
        Tensor columns,
        Tensor labels,
        Tensor float16,
        Tensor bfloat16) {

    /** Makes the inputs; they stay open with the scope. */
    static RowInputs of(Session session, Scope scope, RowNumbers numbers) {
        int rows = numbers.rows();
        int columns = numbers.columns();
        Shape shape = Shape.of(rows, columns);
        Tensor x = scope.adopt(session.tensor(numbers.matrix(0), shape));
        Tensor z = scope.adopt(session.tensor(numbers.matrix(1), shape));
        return new RowInputs(
                x,
                z,
                scope.adopt(session.tensor(numbers.positive(), shape)),
                scope.adopt(session.tensor(numbers.uniform(2, columns), Shape.of(columns))),
                scope.adopt(session.tensor(numbers.uniform(3, rows), Shape.of(rows, 1))),
                scope.adopt(x.lt(z)),
                scope.adopt(x.gt(0)),
                scope.adopt(session.tensor(numbers.indices(4, rows, rows), Shape.of(rows))),
                scope.adopt(session.tensor(numbers.indices(5, columns, columns), Shape.of(columns))),
                scope.adopt(session.tensor(numbers.indices(6, rows, columns), Shape.of(rows))),
                scope.adopt(x.to(DType.FLOAT16)),
                scope.adopt(x.to(DType.BFLOAT16)));
    }
}
