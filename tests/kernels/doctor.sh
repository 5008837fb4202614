#!/bin/bash
# What this kernel offers, for the matrix.
uname -r >"$OUT/release"
netfsnoop doctor -v >"$OUT/doctor"
