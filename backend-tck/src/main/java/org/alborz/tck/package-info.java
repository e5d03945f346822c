/**
 * The conformance suite: extend {@link org.alborz.tck.BackendConformance} and supply a factory.
 *
 * <p>The rule of this folder: {@code …Entries} hold the catalogue, one family a file; {@code …Checks} make tests from it. An
 * expectation never comes from a backend: it is an obvious formula on {@link org.alborz.tck.HostArray}, or a golden value.
 */
package org.alborz.tck;
