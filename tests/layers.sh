#!/bin/sh
# Fails when a file under src/ includes a layer that it may not know.
allowed() {
    case $1 in
    base) echo base ;;
    tensor) echo base tensor ;;
    autograd) echo base tensor autograd ;;
    io) echo base io ;;
    nn) echo base tensor autograd io nn ;;
    tokenizer) echo base io tokenizer ;;
    train) echo base tensor autograd nn io tokenizer train ;;
    embed) echo base tensor io embed ;;
    cli) echo base tensor autograd nn io tokenizer train embed cli ;;
    esac
}

status=0
for layer in base tensor autograd io nn tokenizer train embed cli; do
    pattern=$(allowed "$layer" | tr ' ' '|')
    if grep -rnE '^#include "' src/$layer | grep -vE "#include \"($pattern)/"; then
        echo "layers: $layer may include only: $(allowed "$layer")" >&2
        status=1
    fi
done
[ $status -eq 0 ] && echo "layers: every arrow points the right way"
exit $status
