package org.alborz.backend;

/**
 * What a backend may do in one pass though it can be composed of other operations. The engine's own are {@link EngineFusion}s; a backend
 * may bring more, for {@code CustomOp}s that ask for them with {@link Backend#fusion} and compose the same where there is none.
 */
public interface Fusion {}
