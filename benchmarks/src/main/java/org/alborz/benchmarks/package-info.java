/**
 * JMH benchmarks of operations and whole steps; {@code ./alborz bench} is the short way to a few figures, and {@code ./alborz bench
 * --peers} to a comparison with other engines.
 *
 * <p>{@code ./mvnw -q -Pjmh -pl benchmarks -am compile -Djmh.arguments="MatMulBenchmark -p n=1024"} runs some of them, and without
 * arguments all.
 */
package org.alborz.benchmarks;
