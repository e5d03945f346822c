package org.alborz.tck;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.junit.jupiter.api.DynamicNode;

/** Results equal the oracle's, for contiguous inputs and for every other arrangement in memory. */
final class ForwardChecks {
    private final Sessions sessions;

    ForwardChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> contiguous() {
        return OpCatalog.entries().stream().map(entry -> {
            List<DynamicNode> tests = new ArrayList<>();
            for (Sample sample : entry.samples()) {
                for (DType dtype : Sessions.FLOATING) {
                    tests.add(dynamicTest(
                            Names.of(entry, sample, dtype), () -> check(entry, sample, Arrangement.ROW_MAJOR, dtype)));
                }
            }
            return dynamicContainer(entry.name(), tests);
        });
    }

    Stream<DynamicNode> strided() {
        return OpCatalog.entries().stream().map(entry -> {
            List<DynamicNode> tests = new ArrayList<>();
            for (Arrangement arrangement : Arrangement.strided()) {
                for (DType dtype : Sessions.FLOATING) {
                    String name = entry.name() + " / " + arrangement + " / " + dtype;
                    tests.add(dynamicTest(name, () -> checkAll(entry, arrangement, dtype)));
                }
            }
            return dynamicContainer(entry.name(), tests);
        });
    }

    private void checkAll(OpEntry entry, Arrangement arrangement, DType dtype) {
        for (Sample sample : entry.smoothSamples()) {
            check(entry, arrangement.adapt(entry, sample), arrangement, dtype);
        }
    }

    private void check(OpEntry entry, Sample sample, Arrangement arrangement, DType dtype) {
        HostArray expected = entry.oracle().apply(sample.inputs());
        sessions.run(dtype, session -> {
            Tensor y = entry.function().apply(arrangement.placeAll(session, entry, sample));
            entry.tolerance().check(entry + " of " + sample + " " + arrangement, y, expected);
        });
    }
}
